"""Telling people: notifications are written with what they are about, in the same transaction, and sent by a worker.

:func:`notify` writes them; ``sending`` takes them to the senders of the three media; docs/notifications.md says how.
"""
