"""Territories come in by the web: from a file of borders, with a preview; later changes of border, parent and count.

Start with new_territories.py.
"""
