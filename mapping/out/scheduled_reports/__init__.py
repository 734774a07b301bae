"""Scheduled reports: zone reports and exports that are mailed to named people every week or month.

Start with models.py, then :func:`schedule_runs.run_due`, which the scheduler calls every minute.
"""
