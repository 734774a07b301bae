"""Fields of places about which a source and the entry disagree; both values are shown, and a person decides.

Start in decisions.py."""
