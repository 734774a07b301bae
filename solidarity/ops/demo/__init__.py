"""The demonstration: an invented winter in Paris (docs/demo.md). Start in seeding.py; narrative/ invents the events."""
