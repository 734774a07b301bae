"""Short messages between the coordinators of a territory and the crew of a planned or running tour.

Start with crews.py.
"""
