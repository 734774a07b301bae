"""Templates of lists whose lines differ in few words. Such a template is rendered once for a page and language, with the
names of its gaps; the lines are then filled into the gaps, which costs one call instead of some hundred."""

import html
from collections.abc import Iterable
from typing import Any

from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe


class FilledTemplate:
    """A template with gaps. context: values that all lines share; the template has no braces of its own."""

    def __init__(self, template: str, gaps: Iterable[str], **context: Any) -> None:
        rendered = get_template(template).render({**context, **{gap: SafeString(f"{{{gap}}}") for gap in gaps}})
        self._text = str(rendered)

    def fill(self, **values: Any) -> SafeString:
        """Return the HTML with the values in the gaps. Values that are not SafeStrings are escaped."""
        said = {
            gap: value if isinstance(value, SafeString) else html.escape(str(value)) for gap, value in values.items()
        }
        return mark_safe(self._text.format(**said))  # noqa: S308  # a template of ours, and escaped values
