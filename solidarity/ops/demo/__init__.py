"""The demonstration: a made-up winter in Paris (docs/demo.md). Start in seeding.py; narrative/ makes up what
happened."""
