"""Tonight's planned tours compared with the zones, tour suggestions, and places for volunteers.

Start with tonight.py.
"""
