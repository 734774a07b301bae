"""Measurements of what protects people: the PII check, danger words, an attacker of the public map (parts.py)."""
