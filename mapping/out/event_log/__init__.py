"""The event log: export and import of the whole history as JSON Lines (docs/event-log.md).

Start with event_types.py, then log_export.py and log_import.py.
"""
