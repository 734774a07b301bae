"""The first start of a site: one link that is printed on the server, and the first administrator's account.

Start with start_link.py.
"""
