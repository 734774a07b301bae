"""Cold plans: raised norms for a cold or hot period. Start with ``plans``."""
