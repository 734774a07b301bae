"""Neighbourhood groups, and requests to join a group or an association. Start with ``models``."""
