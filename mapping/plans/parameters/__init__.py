"""Versions of the model's parameters: reading, preview, saving, and nightly proposals.

Start in versions."""
