"""Template tags of people and permissions, and of what all pages show."""
