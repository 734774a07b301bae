"""Volunteers' offers: skills, languages, place, times.

Start with :mod:`offers`.
"""
