"""Back-ups: one file with the database, the media and what is needed to check them (docs/administration.md)."""
