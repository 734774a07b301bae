"""The chaos test: reports are filed while the processes that store them are killed; afterwards nothing may be missing.

``traffic`` sends as a phone does, ``outages`` kills and restarts, ``outcome`` counts (docs/reliability.md).
"""
