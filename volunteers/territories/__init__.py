"""Territories, their cells, and who may see them.

Start with :mod:`access`.
"""
