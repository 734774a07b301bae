"""The story of the demonstration, from a simulated city to reports. Start at ``telling``."""
