"""Triage of needs: the queue, steps for many needs, calls, duplicates, locks, ageing, answers of reporters.

Start in ``triage_queue``. All changes of state go through needs.base.lifecycle.transitions.
"""
