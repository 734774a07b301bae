"""What this wing declares to others: undo of its actions, texts that can be reported."""
