"""Danger words: words in a text that show a danger to life, in nine languages. Start in ``matcher``."""
