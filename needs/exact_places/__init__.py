"""Who may see the exact place of a need, and how many a day. Start at ``eligibility`` and ``budget``."""
