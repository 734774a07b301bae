"""The server side of the phone queue: reports written offline arrive late, in batches, and more than once.

Start at views.send; kinds.py lists the accepted items. The protocol is in docs/offline.md.
"""
