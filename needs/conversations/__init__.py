"""Messages that the platform passes on between reporter and holder, and their feedback afterwards.

Start with ``relayed_messages`` and ``feedback``.
"""
