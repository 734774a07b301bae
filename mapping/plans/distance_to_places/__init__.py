"""How many people are expected far from an open place of a kind, tonight.

Start in far_from_places.py.
"""
