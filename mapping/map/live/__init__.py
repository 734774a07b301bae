"""Live tiles: shapes in memory, versions of the map, and signed rights to its tiles.

Start with signed_tiles.py.
"""
