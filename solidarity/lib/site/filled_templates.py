"""Templates that are rendered less often than they are shown: fixed parts of pages, and lines of lists."""

import html
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from solidarity.lib.site import features


class FixedTemplate:
    """A part of a page that depends only on the language and the features that are off: it is rendered without a request,
    so it can say nothing about a reader. It is kept for each of them as long as the process lives, because translations
    and the names of static files change only with a new version. constants: values that never change either."""

    def __init__(self, template: str, **constants: Any) -> None:
        self._template, self._constants = template, constants
        self._kept: dict[tuple[str | None, frozenset[str]], SafeString] = {}

    def html(self) -> SafeString:
        """Return the part in the active language."""
        key = (get_language(), features.off())
        found = self._kept.get(key)
        if found is None:
            found = self._render()
            if not settings.DEBUG:  # while somebody writes the template
                self._kept[key] = found
        return found

    def _render(self) -> SafeString:
        return SafeString(get_template(self._template).render(dict(self._constants)))


class FilledTemplate(FixedTemplate):
    """A template with gaps, for lists whose lines differ in few words. It is rendered once for a language, with a mark in
    each gap, and kept like a FixedTemplate; filling a line into them costs some calls instead of some hundred.

    gaps: the names of values that differ, 32 at most. constants: values that never change.
    """

    def __init__(self, template: str, gaps: Iterable[str], **constants: Any) -> None:
        self._marks = {gap: chr(_FIRST_MARK + number) for number, gap in enumerate(gaps)}
        super().__init__(template, **constants, **self._marks)

    def fill(self, **values: Any) -> SafeString:
        """Return the HTML with the values in the gaps. Values that are not SafeStrings are escaped."""
        said = {
            gap: value if isinstance(value, SafeString) else html.escape(str(value)) for gap, value in values.items()
        }
        return mark_safe(self.html().format(**said))  # noqa: S308  # a template of ours, and escaped values

    def _render(self) -> SafeString:
        text = str(super()._render()).replace("{", "{{").replace("}", "}}")
        for gap, mark in self._marks.items():
            text = text.replace(mark, f"{{{gap}}}")
        return SafeString(text)


_FIRST_MARK = 0xFDD0
"""The first of 32 characters that no text contains (noncharacters of Unicode)."""
