"""Retention: deleting data on time, erasing on request, and own-data exports.

Start with ``registry`` (the rules) and ``erasure``.
"""
