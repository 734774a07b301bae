"""Conversations: one thread for each subject, and the feedback after a commitment.

Start with ``participants`` (who reads and writes, by subject), ``threads`` and ``writing``.
"""
