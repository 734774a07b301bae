"""The details of this site, entered in the browser: who runs it, its country with the emergency numbers, and its
languages.

Start with saving.py.
"""
