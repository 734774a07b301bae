"""Alarms: reports of danger to life, the people who are notified of them, and the people who acknowledged them. Start
at ``alarms``."""
