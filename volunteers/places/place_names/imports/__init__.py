"""Imports of names: the French national address file, the installed street map. Start with ``national_addresses.py``."""
