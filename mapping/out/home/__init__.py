"""The dashboard of coordinators and the navigation of all pages.

Start with views.py.
"""
