"""Conversations: one thread for each subject, and the feedback after a commitment.

Start with ``participants`` (who reads and writes about each subject), ``threads`` and ``writing``.
"""
