"""Templates that are rendered less often than they are shown: fixed parts of pages, and lines of lists."""

import html
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language


class FixedTemplate:
    """A part of a page that depends only on the language: it is rendered without a request, so it can say nothing about a
    reader. It is kept for each language as long as the process lives, because translations and the names of static files
    change only with a new version. constants: values that never change either."""

    def __init__(self, template: str, **constants: Any) -> None:
        self._template, self._constants = template, constants
        self._kept: dict[str | None, SafeString] = {}

    def html(self) -> SafeString:
        """Return the part in the active language."""
        language = get_language()
        found = self._kept.get(language)
        if found is None:
            found = SafeString(get_template(self._template).render(dict(self._constants)))
            if not settings.DEBUG:  # while somebody writes the template
                self._kept[language] = found
        return found


class FilledTemplate:
    """A template with gaps, for lists whose lines differ in few words. It is rendered once for a language, with the names
    of its gaps, and kept like a FixedTemplate; filling a line into them costs some calls instead of some hundred.

    gaps: the names of values that differ. constants: values that never change. The template has no braces of its own.
    """

    def __init__(self, template: str, gaps: Iterable[str], **constants: Any) -> None:
        self._fixed = FixedTemplate(template, **constants, **{gap: SafeString(f"{{{gap}}}") for gap in gaps})

    def fill(self, **values: Any) -> SafeString:
        """Return the HTML with the values in the gaps. Values that are not SafeStrings are escaped."""
        said = {
            gap: value if isinstance(value, SafeString) else html.escape(str(value)) for gap, value in values.items()
        }
        return mark_safe(self._fixed.html().format(**said))  # noqa: S308  # a template of ours, and escaped values
