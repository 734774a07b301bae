"""The street map: its catalogue of areas, its download or construction, and the installed archive.

Start with installed.py (the file in use), then installation.py (how a new file gets there).
"""
