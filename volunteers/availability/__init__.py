"""What volunteers offer: skills, languages, place, times.

Start with :mod:`offers`.
"""
