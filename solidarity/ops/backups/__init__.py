"""Back-ups: one file with the database, the media and the data to verify them (docs/administration.md)."""
