"""The departure of an association: export of all its data, then erasure.

Start with departure.py.
"""
