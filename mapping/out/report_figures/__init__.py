"""The figures of zone reports: periods, cells, tallies, parts of a territory, rounding.

Start with report_period.py and tallies.py.
"""
