"""PII check: find text that may identify a person and explain the risk, without blocking anything (ADR 21).

Start with :mod:`detection`; ``forms`` and ``serializers`` apply it.
"""
