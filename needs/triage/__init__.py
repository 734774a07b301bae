"""What dispatchers and reporters do with needs: the queue, bulk steps, calls, duplicates, locks, ageing.

Start in ``triage_queue``; every change of state goes through needs.lifecycle.transitions.
"""
