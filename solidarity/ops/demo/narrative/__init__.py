"""The story of the demonstration, made from the simulated city. Start in story_builder.py."""
