"""Accounts: sign-in, second factor, reauthentication, and what a viewer may see.

Start with :mod:`viewer`; ``view_as`` sets it for each request.
"""
