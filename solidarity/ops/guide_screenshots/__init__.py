"""The screenshots of the guides, taken from the demonstration."""
