"""The stops of planned and running tours: needs to visit, cells, places, notes, and their outcomes.

Start at models.py, then trips.py and stop_outcomes.py; docs/tour-stops.md draws the states.
"""
