"""Choices of the administrators about the site, and the emergency numbers that depend on them.

Start with site_choices.py. Parts of pages that all readers see alike: filled_templates.py.
"""
