"""The unseen estimate: people likely in places not searched recently.

Start with unseen_estimate.py.
"""
