"""Photos of needs and voice notes of encounters, re-encoded before storage and deleted after their retention period.

Start at photos.py and voice_notes.py.
"""
