"""Free beds, meals and rooms of places, and reserving one for an hour. Start in capacities.py, then reservations.py."""
