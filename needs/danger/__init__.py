"""Alarms of reports that tell of danger to life: who raised them, who acknowledged them. Start at ``alarms``."""
