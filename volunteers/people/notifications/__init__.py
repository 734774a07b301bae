"""Notifications. The transaction that causes a notification also stores it; a worker sends it later
(docs/notifications.md).

Start with :func:`notifying.notify`; ``sending`` passes them to the senders of the three media.
"""
