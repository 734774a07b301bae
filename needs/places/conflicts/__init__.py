"""Fields of places about which a source and the entry disagree: shown with both values, decided by a person.

Start in decisions.py."""
