"""Back-ups: one file that holds database, media and what is needed to check them (README, "Back up and restore")."""
