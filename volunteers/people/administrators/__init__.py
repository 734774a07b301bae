"""Administrators: invitation, hand-over and removal; open and closed sign-up.

Start with :mod:`administrators`.
"""
