"""Readers of other guides: a row becomes a place as this guide describes places. One module for each guide."""
