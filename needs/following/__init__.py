"""The private follow link of a need, and how its reporter gets it. Start with ``follow_link``."""
