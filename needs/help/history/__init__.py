"""What happened to a need, line by line, and who acted each time. Start at need_history.py."""
