"""The open needs near a place, as a volunteer may see them. Start with ``nearby``."""
