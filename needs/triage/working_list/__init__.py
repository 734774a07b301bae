"""The dispatchers' list: its order, text search, cells for the map, rows, tabs and what changed since it was read.

Start in ``waiting_harm`` for the order and in ``list_rows`` for what a row shows. ``needs.triage.views`` has the page.
"""
