"""Dated, frozen publications of the map, and the one filter through which everybody reads it.

Start in release_filter."""
