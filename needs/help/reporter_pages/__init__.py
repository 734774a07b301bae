"""The pages of reporters: following a report, messages, feedback. Start with ``views``."""
