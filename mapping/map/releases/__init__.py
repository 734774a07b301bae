"""Dated, frozen publications of the map, and the filter that decides which of them a reader sees.

Start in release_filter."""
