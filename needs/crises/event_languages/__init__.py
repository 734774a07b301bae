"""An event's name, message and categories in each language. Start with event_texts.py."""
