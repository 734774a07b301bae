"""Local events: meals, clothes mornings, mobile rounds and meetings that people can join, once or repeated.

Start with occurrences.py; joining.py contains joining and leaving, event_entries.py the changes of events, pages/ the
pages.
"""
