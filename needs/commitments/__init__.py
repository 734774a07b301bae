"""Commitments: a volunteer or association takes a need, or a part of it, until an expiry time that users can see.

Start with ``taking``. Every action on a commitment is one transaction that first locks the need's row.
"""
