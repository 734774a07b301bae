"""The chaos drill: reports are filed while the processes that store them are killed; afterwards nothing may be missing.

``traffic`` sends as a phone does, ``outages`` kills and starts again, ``verdict`` counts (docs/reliability.md).
"""
