"""Neighbours: things that are lent and given, groups, local events."""
