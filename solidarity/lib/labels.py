"""Labels stored per language: one JSON object {"en": …, "fr": …}."""

from collections.abc import Mapping

from django.utils.translation import get_language

LABEL_LANGUAGES = ("en", "fr")


def in_language[T](labels: Mapping[str, T]) -> T:
    """Return the label in the active language; English when there is none."""
    return labels.get((get_language() or "").partition("-")[0], labels["en"])
