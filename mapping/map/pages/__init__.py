"""The coverage map, its tiles and the list of zones.

Start with views.py.
"""
