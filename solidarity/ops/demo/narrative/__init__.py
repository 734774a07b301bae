"""The story of the demonstration, made from the simulated city. Start in telling.py."""
