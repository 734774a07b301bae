"""Labels with QR codes on the things of an association, and scans on a phone when a tour takes or brings them.

Start with item_labels.py, then scanning.py.
"""
