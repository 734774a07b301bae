"""Moderation: reports of texts, held words, blocks between people, decisions and their figures.

Start at cases.py, then queue/deciding.py.
"""
