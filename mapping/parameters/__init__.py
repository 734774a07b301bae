"""Versions of the model's parameters: reading, trying out, saving, and nightly proposals.

Start in versions."""
