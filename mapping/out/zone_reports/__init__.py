"""Zone reports: the frozen figures of one territory and one period, to read, print and export.

Start with compose.py, which makes the frozen payload; report_presenter.py presents it.
"""
