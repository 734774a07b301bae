"""Tours: plan, start, tour mode on the phone, end, summary. Start at views.py; planning.py changes planned tours."""
