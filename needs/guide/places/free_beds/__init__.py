"""Free beds, meals and rooms of places, and reserving one for an hour. Start in free_numbers.py, then reservations.py."""
