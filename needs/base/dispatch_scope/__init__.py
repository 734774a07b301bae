"""The desk: the needs that a dispatcher works on, notifications about them, help across borders. Start at ``scope``."""
