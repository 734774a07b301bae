"""Crisis events: while an event is open, anyone can report to it without an account.

Start with ``crisis_events``; ``report_list`` has the dispatchers' map and list.
"""
