"""The story of the demonstration, built from the simulated city. Start in story_builder.py."""
