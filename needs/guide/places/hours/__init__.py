"""Opening hours of a place: the table by weekday, the rules, and the hours in words. Start in week_table.py, then
hours_wording.py."""
