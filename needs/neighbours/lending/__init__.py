"""Things that people and associations lend for free: the catalogue, wishes, stock. Start in models.py.

needs.neighbours.loans has the steps of a loan.
"""
