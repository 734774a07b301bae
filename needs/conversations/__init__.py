"""Messages that the platform passes on between reporter and holder, and their feedback afterwards.

Start in ``relayed_messages`` and ``feedback``.
"""
