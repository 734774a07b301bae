"""Sentences of the Why page, built from numbers.

Start with evidence_words.py.
"""
