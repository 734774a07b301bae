"""Comparison of tonight's planned tours with the zones, tour suggestions, and tours that volunteers can join.

Start with tonight.py.
"""
