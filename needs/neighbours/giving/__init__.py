"""Offers: a thing, a meal or time that somebody gives away.
Start in models.py."""
