"""PII check for free text: it finds what may identify a person, explains the risk and blocks nothing (ADR 21).

Start with :mod:`detection`; ``forms`` and ``serializers`` apply it.
"""
