"""Commitments: a volunteer or an association takes a need, or a part of it, until a visible expiry time.

Start with ``taking``. Every action on a commitment is one transaction that first locks the need's row. The model is in
``records``, the pages are in ``open_needs``.
"""
