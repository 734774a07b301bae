"""Tours: planning, starting, tour mode on the phone, ending, and the summary. Start at views.py; planning.py changes
planned tours."""
