"""Photos of needs and voice notes of encounters: re-encoded before storage, deleted with their retention period.

Start at photos.py and voice_notes.py.
"""
