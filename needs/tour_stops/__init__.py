"""The stops of planned and running tours: needs to visit, cells, places, notes, and what came of each.

Start at models.py, then trips.py and stop_outcomes.py; docs/tour-stops.md draws the states.
"""
