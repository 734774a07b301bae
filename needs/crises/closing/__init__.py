"""The open reports of an event: their number, and what happens to them when the event is closed."""
