"""Moderation: reports of texts, held words, blocks between people, pauses, figures.

Start at cases.py. Decisions and pages are in moderation_desk.
"""
