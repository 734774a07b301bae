"""The event log: the whole history as JSON Lines, out and in (docs/event-log.md).

Start with event_types.py, then log_export.py and log_import.py."""
