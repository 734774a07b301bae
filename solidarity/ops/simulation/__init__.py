"""A simulated city with known truth: people in the street, tours that search for them, citizens, noise.

The simulation takes numbers, returns numpy arrays and needs no database. Start in simulate.py.
"""
