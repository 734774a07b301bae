"""Associations and their members: invitations, roles, leaving.

Start with :mod:`membership`.
"""
