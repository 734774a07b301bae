"""The administrators' checklist: what is still missing on this site, and a form or a link for each item.

Start with checklist.py.
"""
