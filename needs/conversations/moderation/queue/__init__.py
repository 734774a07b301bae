"""The moderators' queue: who may open which case, decisions, appeals, and notifications. Start at deciding.py."""
