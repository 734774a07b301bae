"""Territories, their cells, and access to them.

Start with :mod:`access`.
"""
