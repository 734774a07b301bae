"""The moderators' queue: who may open which case, decisions, appeals, and who is told. Start at deciding.py."""
