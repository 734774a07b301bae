"""A simulated city with known truth: people in the street, tours that look for them, citizens, noise. Numbers in,
numpy arrays out, no database. Start in simulate.py."""
