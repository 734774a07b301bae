"""Forgetting in time (privacy.md, "Retention"): declared rules, one runner, and what was erased on request."""

from needs.retention.registry import keeps, kept, register, rules
from needs.retention.running import run

__all__ = ["keeps", "kept", "register", "rules", "run"]
