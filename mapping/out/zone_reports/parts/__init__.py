"""Figures of each part of a territory in a zone report, compared with the period before.

Start with report_parts.py, which counts them; parts_presenter.py makes the table of both editions.
"""
