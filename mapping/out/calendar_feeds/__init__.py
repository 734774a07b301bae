"""Calendar feeds: planned tours as iCalendar files under private addresses, for calendar programs.

Start with feed_addresses.py.
"""
