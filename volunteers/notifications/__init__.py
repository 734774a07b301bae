"""Notifications, written in the transaction of their cause and sent by a worker (docs/notifications.md).

Start with :func:`notifying.notify`; ``sending`` passes them to the senders of the three media.
"""
