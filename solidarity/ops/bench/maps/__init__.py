"""Measurements of maps: live tiles, files of releases, and how long a report takes to an open map."""
