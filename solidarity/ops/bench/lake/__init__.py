"""Measurements of the lake and its engines."""
