"""Danger words: what a text says about danger to life, in nine languages. Start at ``matcher``."""
