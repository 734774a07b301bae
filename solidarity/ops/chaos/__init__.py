"""The chaos test: processes are killed while reports are filed, and afterwards no report may be missing
(docs/reliability.md). traffic.py sends like a phone, outages.py kills and restarts, outcome.py counts."""
