"""Readers of other guides: a row becomes a place in the terms of this guide. One module for each guide."""
