"""Who runs this site, its country with the emergency numbers, and its languages, chosen in the browser.

Start with saving.py.
"""
