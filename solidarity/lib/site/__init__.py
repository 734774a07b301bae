"""What administrators chose about the site, and the emergency numbers that follow from it.

Start with site_choices.py.
"""
