"""The unseen estimate: people likely to be in places not searched recently.

Start with unseen_estimate.py.
"""
