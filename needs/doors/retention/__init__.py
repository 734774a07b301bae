"""Timely deletion, erasure on request and own-data exports. Start with ``registry`` (the rules) and ``erasure``."""
