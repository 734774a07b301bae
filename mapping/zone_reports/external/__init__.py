"""The external edition of zone reports, which may be mailed and filed. It contains only published figures.

Start with external_report.py.
"""
