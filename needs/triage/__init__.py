"""What dispatchers and reporters do with needs: the queue, steps for many, calls, duplicates, locks, ageing.

Every verb is one transaction: state, step, evidence (reliability.md). All changes of state go through needs.triage.lifecycle.
"""
