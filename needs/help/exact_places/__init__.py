"""Who may see exact places of needs, and how many per day. Start at ``eligibility`` and ``budget``."""
