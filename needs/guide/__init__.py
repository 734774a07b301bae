"""The guide of places, and “Find help now”."""
