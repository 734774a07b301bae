"""Crisis events and who may do what in them: agreements of territories, the person in charge. Start with ``crisis_access``."""
