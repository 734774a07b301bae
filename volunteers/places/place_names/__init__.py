"""Names of streets, house numbers and well-known places: import, search by text, nearest name. Start with
``models.py``."""
