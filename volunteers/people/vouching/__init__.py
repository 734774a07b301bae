"""Associations that vouch for volunteers who are not members.

Start with :mod:`vouching`.
"""
