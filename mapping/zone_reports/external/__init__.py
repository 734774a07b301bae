"""The external edition of zone reports, which may be mailed and filed: only figures that were published.

Start with external_report.py.
"""
