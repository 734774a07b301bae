"""Back-ups: one file with the database, media and what is needed to check them (docs/administration.md, "Back up and restore")."""
