"""A made-up winter in Paris, so that every page has something to show (docs/demo.md).

Start at ``seeding``; ``narrative`` turns a simulated city into the story, ``storing`` writes it to the tables.
"""
