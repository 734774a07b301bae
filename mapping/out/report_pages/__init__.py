"""The pages of zone reports: making, reading, exporting, quoting, agreeing.

Start with views.py.
"""
