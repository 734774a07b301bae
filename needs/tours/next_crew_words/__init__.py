"""Words to the next crew: short notes for a territory that expire. Start with crew_words.py."""
