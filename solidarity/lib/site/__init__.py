"""Choices of the administrators about the site, and the emergency numbers that depend on them.

Start with site_choices.py.
"""
