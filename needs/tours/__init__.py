"""Tours: planned, started, followed in tour mode on the phone, closed with the cells searched, summarised.

Start at views.py; planning.py holds the verbs of planned tours.
"""
