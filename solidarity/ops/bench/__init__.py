"""Benchmarks: each figure as a ratio against its reference, computed in the same run (``make bench``)."""
