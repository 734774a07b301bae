"""The unfinished needs of a territory, by cell, for its coordinators. Coordinators read them; dispatchers act on them.

Start with territory_list.py.
"""
