"""Pages and decisions of moderation: reporting a text, the queue of cases, appeals, held words. Start at deciding.py."""
