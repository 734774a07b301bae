"""Messages and feedback between a reporter, the people who take care of the need, and dispatch.

Start with ``reporter_subjects`` (who reads and writes) and ``reporter_writing``.
"""
