"""Measurements of the protection of people: the PII check, danger words, an attack on the public map (parts.py)."""
