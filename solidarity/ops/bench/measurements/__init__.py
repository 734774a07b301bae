"""The measurements of the benchmark's parts (parts.py)."""
