"""Filter forms whose choices are chips: one row of radio buttons for each field."""

from collections.abc import Iterator
from html import escape
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString


class ChipForm(forms.Form):
    """A form of radio buttons. Its chips are put together here: a form template for each of some forty choices took a
    fifth of the time of the page."""

    def rows(self) -> Iterator[tuple[BoundField, SafeString]]:
        """Yield each visible field with its chips as HTML."""
        for field in self.visible_fields():
            assert isinstance(field.field, forms.ChoiceField)
            choices: Any = field.field.choices
            chosen, prefix = str(field.value() or ""), f"{field.auto_id}_"
            chips = (
                f'<label class="chip" for="{prefix}{number}"><input type="radio" name="{field.html_name}"'
                f' value="{escape(str(value))}" id="{prefix}{number}"{" checked" if str(value) == chosen else ""}><span\n'
                f'class="chip__face">{escape(str(label))}</span></label>\n'
                for number, (value, label) in enumerate(choices)
            )
            yield field, SafeString("".join(chips))
