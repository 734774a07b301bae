"""The PII check in forms: a warning beside the field, and a checkbox that confirms the text."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from solidarity.lib.danger_words.matcher import flags_of_texts
from solidarity.lib.pii_check.detection import Finding, Kind
from solidarity.lib.pii_check.messages import look, reasons_for_script, said_of

TICK = "as_it_is"
CODE = "pii"


class Held:
    """The warning beside a field. tick: name of the checkbox that confirms the text; ticked: whether it is checked."""

    def __init__(self, found: list[Finding], tick: str, ticked: bool) -> None:
        self.lines = said_of(found)
        self.tick, self.ticked = tick, ticked


class PiiCheckedForm(forms.BaseForm):
    """A form with free text. A finding makes it invalid until the person changes the text or ticks the checkbox.

    pii_checked: field → kinds to look for. pii_check_while_typing: whether the page's script also warns during typing.
    danger_passes: whether a text with danger words is accepted without confirmation, because it raises an alarm.
    """

    pii_checked: ClassVar[Mapping[str, tuple[Kind, ...]]] = {}
    pii_check_while_typing: ClassVar[bool] = True
    danger_passes: bool = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.pii_found: dict[str, list[Finding]] = {}
        for name, kinds in self.pii_checked.items():
            field: Any = self.fields.get(name)
            if field is not None and self.pii_check_while_typing:
                field.pii_script = True
                field.widget.attrs |= {"data-pii-check": " ".join(kinds), "data-pii-reasons": reasons_for_script(kinds)}

    def pii_needs_confirmation(self) -> bool:
        """Return whether findings must be confirmed. Forms for urgent reports return False."""
        return not (self.danger_passes and flags_of_texts(self._checked_texts().values()))

    def pii_warnings(self) -> list[str]:
        """Return the findings as sentences, for forms accepted without confirmation."""
        return said_of(each for found in self.pii_found.values() for each in found)

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        found = {name: look(text, self.pii_checked[name]) for name, text in self._checked_texts().items()}
        self.pii_found = {name: findings for name, findings in found.items() if findings}
        if not self.pii_needs_confirmation():
            return
        for name, findings in self.pii_found.items():
            tick = self.add_prefix(f"{name}_{TICK}")
            ticked = bool(self.data.get(tick))
            field: Any = self.fields[name]
            field.pii_held = Held(findings, tick, ticked)
            if not ticked:
                words = _("This could identify somebody. Change the text, or tick “Send it as it is”.")
                self.add_error(name, forms.ValidationError(words, code=CODE))

    def _checked_texts(self) -> dict[str, str]:
        data: dict[str, Any] = self.cleaned_data
        return {name: text for name in self.pii_checked if isinstance(text := data.get(name), str) and text}
