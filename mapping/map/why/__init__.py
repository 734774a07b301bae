"""The Why page: the reasons for the status of a zone or a cell.

Start with why_presenter.py; zone_evidence.py loads what it shows.
"""
