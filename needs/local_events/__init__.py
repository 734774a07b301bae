"""Local events: meals, clothes mornings, mobile rounds and meetings that people can join, once or repeated.

Start with occurrences.py; joining.py has the places, event_entries.py the changes, pages/ what people see.
"""
