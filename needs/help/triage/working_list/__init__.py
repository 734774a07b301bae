"""The dispatchers' list: its order, text search, cells for the map, rows and tabs, and the changes since a page read
it.

Start in ``waiting_harm`` for the order and in ``list_rows`` for what a row shows. ``needs.help.triage.views`` has the page.
"""
