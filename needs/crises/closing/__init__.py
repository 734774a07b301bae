"""The open reports of an event: how many there are, and what happens to them when the event is closed."""
