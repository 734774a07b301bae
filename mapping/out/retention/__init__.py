"""Retention rules of the map (docs/retention.md)."""
