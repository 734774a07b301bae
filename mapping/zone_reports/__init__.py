"""Zone reports: the figures of one territory and one period, frozen, to read, print and export.

Start with compose.py, which makes the frozen payload; report_presenter.py shows it.
"""
