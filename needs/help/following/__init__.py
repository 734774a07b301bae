"""The private link to a reporter's need, and the messages to the reporter.

Start with ``follow_link`` for sending the link, ``reporter_news`` for news. The page is in ``reporter_pages``.
"""
