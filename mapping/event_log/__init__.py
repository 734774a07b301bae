"""The event log: the whole history as JSON Lines, out and in (docs/event-log.md)."""
