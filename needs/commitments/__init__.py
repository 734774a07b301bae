"""Commitments: a volunteer or association takes a need, wholly or in part, until a visible expiry.

Start with ``taking``. Every verb is one transaction that locks the need's row first.
"""
