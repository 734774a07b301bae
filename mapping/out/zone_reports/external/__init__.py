"""The external edition of zone reports, which may be stored elsewhere and sent by mail. It contains only published
figures.

Start with external_report.py.
"""
