"""The private follow page of a need, and the messages to its reporter: the link, and news of each step.

Start with ``views`` for the page, ``follow_link`` for sending the link, ``reporter_news`` for news.
"""
