"""Alarms: reports of danger to life, who is notified of them and who acknowledged them. Start at ``alarms``."""
