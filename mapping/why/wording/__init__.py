"""The sentences of the Why page, made from numbers.

Start with evidence_words.py.
"""
