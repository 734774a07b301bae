"""Shared parts of report forms: declared fields, a place, a time, an id, an association."""

import uuid
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any, Self, override

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from needs.base.records.declarations import DraftPlace, not_in_the_future
from needs.base.records.field_declarations import Draft, FieldType, declared, plain_fields
from solidarity.lib.datetimes import MomentField
from solidarity.lib.number_fields import Whole
from solidarity.lib.pii_check.forms import PiiCheckedForm
from volunteers.models import Association
from volunteers.people.associations.own_association import OwnAssociationForm

NOW, EARLIER = "now", "earlier"
LONG_TEXT = 1000
"""A text field with at least this maximum length has several lines."""


# --- fields from the declaration -----------------------------------------------------------------------------------


def form_field(draft: type[Draft], name: str, **options: Any) -> Any:
    """Return the form field of a declared field. options: override the options from the declaration."""
    found = declared(draft, name)
    said = found.declared
    options = {
        "label": said.label or None,
        "help_text": said.help,
        "required": found.required or bool(said.required_message),
        "initial": said.initial,
        **options,
    }
    if said.required_message:
        options.setdefault("error_messages", {"required": said.required_message})
    if said.type in (FieldType.COUNT, FieldType.MINUTES):
        options["required"] = options["required"] or found.default is not None
        return Whole(least=said.least, most=said.most, **options)
    if said.type is FieldType.FLAG:
        return forms.BooleanField(**options)
    if said.type is FieldType.TEXT:
        long = said.most >= LONG_TEXT
        options.setdefault(
            "widget", forms.Textarea(attrs={"rows": 3}) if long else forms.TextInput(attrs={"autocomplete": "off"})
        )
        return forms.CharField(max_length=said.most, **options)
    options.setdefault("choices", said.offered_choices())
    if said.type is FieldType.CATEGORIES:
        return forms.MultipleChoiceField(**{"widget": forms.CheckboxSelectMultiple, **options})
    return forms.ChoiceField(**{"widget": forms.RadioSelect, **options})


def declared_fields[F: type[forms.BaseForm]](draft: type[Draft], *without: str) -> Callable[[F], F]:
    """Return a class decorator that adds the declared fields that a form does not define itself, except ``without``."""

    def decorate(form: F) -> F:
        fields: dict[str, forms.Field] = form.base_fields  # type: ignore[attr-defined]
        own = {
            each.name: form_field(draft, each.name)
            for each in plain_fields(draft)
            if each.declared.form and each.name not in {*fields, *without}
        }
        form.base_fields = form.declared_fields = {**fields, **own}  # type: ignore[attr-defined]
        return form

    return decorate


# --- parts ---------------------------------------------------------------------------------------------------------


class Degrees(forms.FloatField):
    """Degrees of latitude or longitude, with a decimal point or comma."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.replace(",", ".") if isinstance(value, str) else value)


class PlaceForm(forms.Form):
    """A place by map tap, by the device's position, or in words.

    JavaScript fills in latitude and longitude; without it, the user types them.
    """

    latitude = Degrees(
        label=_("Latitude"),
        required=False,
        min_value=-90,
        max_value=90,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    longitude = Degrees(
        label=_("Longitude"),
        required=False,
        min_value=-180,
        max_value=180,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    place_text = forms.CharField(
        label=_("The place in words"),
        required=False,
        max_length=300,
        help_text=_("Give an address, a bridge, a shop or anything else that helps to find the place again."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    place_problem = ""

    @property
    def place(self) -> DraftPlace | None:
        """The point, once the form is valid."""
        latitude, longitude = self.cleaned_data.get("latitude"), self.cleaned_data.get("longitude")
        return None if latitude is None or longitude is None else DraftPlace(latitude, longitude)

    def clean(self) -> dict[str, Any]:
        super().clean()
        missing = [self.cleaned_data.get(name, 0) is None for name in ("latitude", "longitude")]
        if any(missing) and not all(missing):
            self.refuse_place(_("A place needs both latitude and longitude. Tap the map once more."))
        return self.cleaned_data

    def refuse_place(self, problem: str | Promise) -> None:
        """Show an error about the place as a whole, beside the map and above the form."""
        self.place_problem = str(problem)
        self.add_error(None, self.place_problem)

    @property
    def place_is_wrong(self) -> bool:
        return bool(self.place_problem or self.errors.keys() & {"latitude", "longitude"})


class SentForm(forms.Form):
    """A form that may arrive long after it was filled in. ago: the delay, for items of the phone queue."""

    ago = timedelta(0)

    @property
    def now(self) -> datetime:
        """The time at which the form was filled in, by the server's clock."""
        return timezone.now() - self.ago


class MomentForm(SentForm):
    """The time of the event: now, or an earlier date and time."""

    when = forms.ChoiceField(
        label=_("When?"),
        choices=[(NOW, _("now")), (EARLIER, _("earlier"))],
        initial=NOW,
        required=False,
        widget=forms.RadioSelect,
    )
    at = MomentField(
        label=_("Date and time"),
        required=False,
        validators=[not_in_the_future],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def clean_when(self) -> str:
        return self.cleaned_data["when"] or NOW

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.cleaned_data.get("when") == EARLIER and not self.cleaned_data.get("at") and "at" not in self.errors:
            self.add_error("at", _("Say on which day and at what time, or choose “now”."))
        return self.cleaned_data

    @property
    def is_now(self) -> bool:
        return bool(self.cleaned_data["when"] == NOW)

    @property
    def moment(self) -> datetime:
        """The time of the event; the form must be valid."""
        return self.now if self.is_now else self.cleaned_data["at"]

    @property
    def implied(self) -> Collection[str]:
        """Fields of the draft that the server filled in (needs.reports.intake)."""
        return ("at",) if self.is_now else ()


class MintedForm(SentForm):
    """The report's id. JavaScript makes an id when the form is sent; otherwise the server's id is used.

    without_id: the id of a form that came without one."""

    id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    without_id: uuid.UUID | None = None

    @property
    def minted(self) -> uuid.UUID:
        return self.cleaned_data["id"] or self.without_id or uuid.uuid4()

    def with_new_id(self) -> Self:
        """Return the form with a new id and an error, because another report has its id."""
        data: Any = self.data  # a QueryDict: the form was sent
        data = data.copy()
        data["id"] = str(uuid.uuid4())
        self.add_error(
            None, _("Another report was already sent under this number. Save again to send this one as a new report.")
        )
        self.data = data
        return self


class OwnForm(OwnAssociationForm, MintedForm):
    """A report of an association."""

    association = forms.TypedChoiceField(label=_("For which association?"))

    @property
    @override
    def owner(self) -> Association:
        """The association of the report, once the form is valid."""
        own: Association = self.cleaned_data["association"]
        return own


class BoxForm(forms.Form):
    """The bounding box of a map section, in degrees."""

    south = forms.FloatField(min_value=-90, max_value=90)
    west = forms.FloatField(min_value=-180, max_value=180)
    north = forms.FloatField(min_value=-90, max_value=90)
    east = forms.FloatField(min_value=-180, max_value=180)


def pii_sentences(form: PiiCheckedForm) -> list[str]:
    """Return a list with the PII check's warnings as one paragraph if the report was sent despite them; else []."""
    if form.pii_needs_confirmation() or not form.pii_found:
        return []
    sent = str(_("Your report is sent. Only the people who sort reports read your words. For the next time:"))
    return [" ".join([sent, *form.pii_warnings()])]
