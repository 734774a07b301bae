"""Opening hours of a place: the table by weekday, its rules, its words. Start in week_table.py, then hours_wording.py."""
