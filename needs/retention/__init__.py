"""Forgetting in time (privacy.md, "Retention"): declared rules, one runner, and what was erased on request."""
