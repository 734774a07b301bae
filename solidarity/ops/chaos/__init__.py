"""The chaos test: processes are killed while reports are filed, and no report may be lost (docs/reliability.md).

traffic.py sends like a phone, outages.py kills and restarts, outcome.py counts.
"""
