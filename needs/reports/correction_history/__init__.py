"""Corrections of reports: which values can be corrected, and the corrections in words."""
