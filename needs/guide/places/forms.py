"""Forms of the guide of places: an entry, a notice, a mistake."""

import json
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from needs.guide.places import place_access
from needs.guide.places.place_entries import Values
from needs.guide.places.place_kinds import NoticeKind, PlaceAudience, PlaceKind
from needs.reports.forms import PlaceForm
from solidarity.lib import grid
from solidarity.lib.datetimes import MomentField
from solidarity.lib.pii_check.forms import PiiCheckedForm
from solidarity.lib.pii_check.messages import EVERYTHING
from volunteers.enums import Language
from volunteers.people.accounts.models import one_line
from volunteers.people.accounts.viewer import Viewer

NIGHT_ENDS = time(6)
LONGEST_NOTICE = timedelta(days=92)
TELEPHONE = r"[0-9+ ().\-/]{2,40}"


class EntryForm(PiiCheckedForm, PlaceForm):
    """An entry of the guide. place: the place to change; None for a new place."""

    pii_checked = {"about": EVERYTHING, "conditions": EVERYTHING}

    name = forms.CharField(
        label=gettext_lazy("Name of the place"),
        max_length=120,
        validators=[one_line],
        error_messages={"required": gettext_lazy("Write the name by which people know the place.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("What is there?"),
        choices=PlaceKind.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one.")},
    )
    place_text = forms.CharField(
        label=gettext_lazy("Address"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Street, number and town, as on a letter. Add the door or the floor."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    address_hidden = forms.BooleanField(
        label=gettext_lazy("Keep the address secret"),
        required=False,
        help_text=gettext_lazy(
            "For refuges. Only members of the association below and administrators see where it is. "
            "Everybody else sees the telephone number."
        ),
    )
    association = forms.TypedChoiceField(
        label=gettext_lazy("Which association keeps this entry up to date?"),
        required=False,
        coerce=int,
        empty_value=None,
    )
    audience = forms.MultipleChoiceField(
        label=gettext_lazy("Who may come?"),
        choices=PlaceAudience.choices,
        required=False,
        help_text=gettext_lazy("Tick nothing if everybody may come."),
        widget=forms.CheckboxSelectMultiple,
    )
    conditions = forms.CharField(
        label=gettext_lazy("Good to know before one goes there"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("For example: by appointment, bring a paper, places are given at 6 p.m."),
    )
    step_free = forms.TypedChoiceField(
        label=gettext_lazy("Is there a way in without steps?"),
        choices=[("yes", gettext_lazy("yes")), ("no", gettext_lazy("no")), ("", gettext_lazy("not known"))],
        coerce=lambda value: value == "yes",
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Languages spoken there"),
        choices=Language.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    phone = forms.RegexField(
        TELEPHONE,
        label=gettext_lazy("Telephone"),
        required=False,
        help_text=gettext_lazy("The number of the place, which everybody may call."),
        error_messages={"invalid": gettext_lazy("This is not a telephone number. It looks like 01 23 45 67 89.")},
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        required=False,
        max_length=254,
        error_messages={"invalid": gettext_lazy("This is not an e-mail address. It looks like name@example.org.")},
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    website = forms.URLField(
        label=gettext_lazy("Website"),
        required=False,
        max_length=200,
        assume_scheme="https",
        error_messages={"invalid": gettext_lazy("This is not a web address. It looks like https://example.org.")},
    )
    about = forms.CharField(
        label=gettext_lazy("Description"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("One or two sentences in plain words."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, viewer: Viewer, data: Any = None, *, values: Values | None = None, seen: str = "") -> None:
        """values: the values shown first. seen: the values that the person read, as ``seal`` returns them."""
        super().__init__(data, initial={**_shown(values or {}), "seen": seen})
        self.viewer = viewer
        choices = place_access.association_choices(viewer, values["association"] if values else None)
        field: Any = self.fields["association"]
        field.choices = [(pk or "", name or _("none")) for pk, name in choices]
        field.required = choices[0][0] is not None
        field.error_messages["required"] = _("Choose the association.")
        if values is None:
            field.initial = choices[0][0]

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        if self.place is None and not self.place_is_wrong:
            self.refuse_place(_("Say where the place is: search its address, or set the pin on the map."))
        if data.get("address_hidden") and data.get("association") is None and "association" not in self.errors:
            self.add_error("association", _("Choose the association whose members may see the secret address."))
        if data.get("address_hidden") and not data.get("phone") and "phone" not in self.errors:
            self.add_error("phone", _("A place with a secret address needs a telephone number that people can call."))
        if self.place and self._elsewhere():
            self.refuse_place(_("This place is outside your territories. Choose your association, or set another pin."))
        return data

    def _elsewhere(self) -> bool:
        """Return whether the viewer may not keep a place at this point up to date."""
        assert self.place is not None
        own = {each.pk for each in place_access.own_associations(self.viewer)}
        if self.cleaned_data.get("association") in own:
            return False
        return not place_access.in_own_territory(self.viewer, grid.cell_of(self.place.latitude, self.place.longitude))

    def values(self, hours: str) -> Values:
        """Return the values of the entry, once the form is valid."""
        data = self.cleaned_data
        names = (
            "name", "kinds", "address_hidden", "audience", "conditions", "languages", "step_free", "phone", "email",
            "website", "about", "association",
        )  # fmt: skip
        assert self.place is not None
        point = {"latitude": round(self.place.latitude, 6), "longitude": round(self.place.longitude, 6)}
        return {**{name: data[name] for name in names}, **point, "address": data["place_text"], "hours": hours}

    def seen_values(self) -> Values | None:
        """Return the values that the person read; None if the page did not send them back."""
        try:
            found = json.loads(self.cleaned_data.get("seen") or "null")
        except ValueError:
            return None
        return found if isinstance(found, dict) else None


def seal(values: Values) -> str:
    """Return the values of an entry as text, for the hidden field ``seen``."""
    return json.dumps(values, ensure_ascii=False)


def _shown(values: Values) -> Values:
    if not values:
        return {}
    step_free = {True: "yes", False: "no", None: ""}[values["step_free"]]
    return {**values, "place_text": values["address"], "step_free": step_free}


class NoticeForm(PiiCheckedForm, forms.Form):
    """A temporary notice."""

    pii_checked = {"text": EVERYTHING}

    kind = forms.ChoiceField(
        label=gettext_lazy("What has changed?"),
        choices=NoticeKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one.")},
    )
    text = forms.CharField(
        label=gettext_lazy("In your words"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Everybody can read it. For example: no water until Thursday."),
    )
    end = MomentField(
        label=gettext_lazy("Until when?"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"required": gettext_lazy("Say until when, so that the notice ends by itself.")},
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, auto_id="notice_%s", **options)
        self.fields["end"].initial = end_of_night

    def clean_end(self) -> datetime:
        end: datetime = self.cleaned_data["end"]
        if end <= timezone.now():
            raise forms.ValidationError(_("This is in the past. Choose a later time."))
        if end > timezone.now() + LONGEST_NOTICE:
            raise forms.ValidationError(_("A notice lasts three months at most. Change the opening hours instead."))
        return end

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("kind") == NoticeKind.OTHER and not data.get("text") and "text" not in self.errors:
            self.add_error("text", _("Write what has changed."))
        return data


def end_of_night() -> datetime:
    """Return the next 6 o'clock in the morning, which is the end of “tonight”."""
    now = timezone.localtime()
    today = timezone.make_aware(datetime.combine(now.date(), NIGHT_ENDS))
    return today if now < today else timezone.make_aware(datetime.combine(now.date() + timedelta(days=1), NIGHT_ENDS))


class MistakeForm(PiiCheckedForm, forms.Form):
    """A mistake in an entry. website: a trap for programs; people do not see it."""

    pii_checked = {"text": EVERYTHING}

    text = forms.CharField(
        label=gettext_lazy("What is wrong?"),
        max_length=300,
        help_text=gettext_lazy("For example: it is closed on Mondays now. Please write no names."),
        error_messages={"required": gettext_lazy("Write what is wrong.")},
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    website = forms.CharField(required=False, widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}))

    @property
    def trapped(self) -> bool:
        """Whether a program filled in the field that people do not see."""
        return bool(self.cleaned_data.get("website"))


class PlaceSearchForm(forms.Form):
    """A part of the name of a place."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
