"""What this wing declares to others: parts that can be switched off, undo of its actions, texts that can be reported."""
