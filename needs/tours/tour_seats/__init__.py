"""Volunteers' seats in planned tours: taking and giving back, the waiting list, reminders and news.

Start with seats.py.
"""
