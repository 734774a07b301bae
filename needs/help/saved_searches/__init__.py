"""Saved searches and their alerts. Start in ``alerts``; ``need_filters`` defines the filters of all need searches."""
