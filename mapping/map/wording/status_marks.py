"""The mark of a status in a list, rendered once for each status and name."""

from functools import lru_cache

from django.template.loader import render_to_string


@lru_cache(maxsize=256)
def mark(key: str, label: str) -> str:
    """Return includes/status.html for a status with its name in a list."""
    return render_to_string("includes/status.html", {"status": key, "named": label})
