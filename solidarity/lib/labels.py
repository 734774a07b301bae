"""Labels stored in several languages, as a JSON object {"en": …, "fr": …}."""

from collections.abc import Mapping

from django.utils.translation import get_language

LABEL_LANGUAGES = ("en", "fr")


def in_language[T](labels: Mapping[str, T]) -> T:
    """Return the label in the active language, or in English if it has none."""
    return labels.get((get_language() or "").partition("-")[0], labels["en"])
