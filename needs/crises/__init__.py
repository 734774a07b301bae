"""Crisis events: open for a time, everyone reports to them without an account.

Start with ``crisis_events``; ``report_list`` has the dispatchers' map and list.
"""
