"""Nothing is left open: how many reports of an event are open, and what happens to them when it is closed."""
