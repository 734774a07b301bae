"""Accounts: sign-in, second factor, reauthentication, and the viewer of a page.

Start with :mod:`viewer`; ``view_as`` sets the viewer for each request.
"""
