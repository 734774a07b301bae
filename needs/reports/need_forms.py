"""The form of needs. ``draft()`` returns the draft that ``needs.reports.intake`` files."""

from collections.abc import Collection
from typing import Any, override

from django import forms
from django.utils.translation import gettext_lazy as _

from needs.base.attachments.photo_fields import PhotoForm
from needs.base.records.declarations import NeedDraft
from needs.base.records.field_declarations import declared_values, fields_to_check
from needs.base.site_categories import site_list
from needs.enums import Origin, Urgency
from needs.reports.forms import MintedForm, PlaceForm, declared_fields, form_field
from solidarity.lib.pii_check.forms import PiiCheckedForm
from solidarity.lib.site.emergency_gate import Danger

_PICTURES = {
    "place_text": "pin", "kinds": "hand", "urgency": "clock", "origin": "person",
    "persons": "people", "text": "edit", "photo": "eye", "contact": "call",
}  # fmt: skip
"""Pictograms of the questions, for people who do not read."""


class KindTiles(forms.CheckboxSelectMultiple):
    """The categories, each with the pictogram of its kind of need."""

    def create_option(self, name: str, value: Any, *args: Any, **options: Any) -> dict[str, Any]:
        made: dict[str, Any] = super().create_option(name, value, *args, **options)
        return made | {"icon": str(value).partition(".")[0]}


@declared_fields(NeedDraft)
class NeedForm(PiiCheckedForm, PhotoForm, MintedForm, PlaceForm):
    """A need from anybody. danger: the answer to the emergency gate. If there is danger (the answer to the gate, danger
    words or urgency “now”), the PII check only warns, because an alarm must not wait for it."""

    pii_checked = fields_to_check(NeedDraft)
    danger_passes = True
    place_missing = _("Say where: in words, with your position, or on the map.")
    finds_places = True  # also without scripts, because the next page shows the results

    kinds = form_field(NeedDraft, "kinds")
    urgency = form_field(NeedDraft, "urgency", initial=None)
    persons = form_field(NeedDraft, "persons")
    text = form_field(NeedDraft, "text", widget=forms.Textarea(attrs={"rows": 4}))
    origin = form_field(
        NeedDraft,
        "origin",
        choices=[(Origin.SELF, _("I need this myself")), (Origin.CITIZEN, _("I saw someone who needs it"))],
    )

    def __init__(self, *args: Any, danger: Danger | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, picture in _PICTURES.items():
            self.fields[name].picture = picture  # type: ignore[attr-defined]
        self.implied: Collection[str] = ("at",)
        self.site_categories: list[int] = []
        kinds: Any = self.fields["kinds"]
        kinds.widget = KindTiles(choices=site_list.choices())
        kinds.choices = site_list.choices()
        kinds.valid_value = site_list.is_known
        self.danger = danger
        if danger:
            self.fields["urgency"].initial = Urgency.NOW

    def clean(self) -> dict[str, Any]:
        super().clean()
        if not self.place and not self.cleaned_data.get("place_text") and not self.place_is_wrong:
            self.add_error("place_text", self.place_missing)
        return self.cleaned_data

    def clean_kinds(self) -> list[str]:
        """Return the fixed kinds of the chosen tiles, and remember the site's own categories."""
        values = [str(value) for value in self.cleaned_data["kinds"]]
        self.site_categories = site_list.keys_of(values)
        return site_list.kinds_of(values)

    @override
    def pii_needs_confirmation(self) -> bool:
        if self.danger is not None or self.cleaned_data.get("urgency") == Urgency.NOW:
            return False
        return super().pii_needs_confirmation()

    def draft(self) -> NeedDraft:
        values = declared_values(NeedDraft, self.cleaned_data)
        return NeedDraft(id=self.minted, at=self.now, place=self.place, **values)
