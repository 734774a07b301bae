"""The unseen estimate as readers see it, at their detail.

Start with reader_estimate.py.
"""
