"""The form of a volunteer's offer: skills, languages, place, distance, times, number of needs."""

from datetime import UTC, datetime, time
from datetime import date as Date
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import MaxValueValidator
from django.forms import BaseFormSet, formset_factory
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from solidarity.lib.grid import snap
from volunteers.enums import Category, Language, Skill, Weekday
from volunteers.models import Profile
from volunteers.people.availability.base_point_forms import BasePointForm
from volunteers.people.availability.offers import Availability, Weekly

RADII = (500, 1000, 2000, 3000, 5000, 10_000, 20_000)
MOST_WINDOWS = 21
LEAST_MINUTES = 30


class AbilitiesForm(forms.Form):
    """The kinds of help that a volunteer gives, and the languages that they speak."""

    skills = forms.MultipleChoiceField(
        label=_("What can you do?"), choices=Skill.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    kinds = forms.MultipleChoiceField(
        label=_("What would you like to help with?"),
        choices=Category.choices,
        required=False,
        help_text=_("Choose nothing if everything is fine for you."),
        widget=forms.CheckboxSelectMultiple,
    )
    languages = forms.MultipleChoiceField(
        label=_("Which languages do you speak?"),
        choices=Language.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class AvailabilityForm(BasePointForm, AbilitiesForm):
    """A volunteer's offer without the weekly times (WindowForm)."""

    forget = forms.BooleanField(label=_("Delete my place"), required=False)
    radius = forms.TypedChoiceField(label=_("How far do you go?"), coerce=int, initial=3000)
    most = forms.IntegerField(
        label=_("How many needs at once?"),
        min_value=1,
        help_text=_("This way, no need waits too long. Needs that are proposed to you count, too."),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    paused_until = forms.DateField(
        label=_("Pause until"),
        required=False,
        help_text=_("Nothing is proposed to you before that day."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["radius"].choices = [(metres, _distance(metres)) for metres in RADII]  # type: ignore[attr-defined]
        most = self.fields["most"]
        most.initial = most.widget.attrs["max"] = settings.COMMITMENTS_PER_VOLUNTEER
        most.validators.append(MaxValueValidator(settings.COMMITMENTS_PER_VOLUNTEER))

    def offer(self, weekly: list[Weekly]) -> Availability:
        """Return the offer of a valid form, with the centre of the cell as its place."""
        data = self.cleaned_data
        return Availability(
            skills=tuple(data["skills"]),
            kinds=tuple(data["kinds"]),
            languages=tuple(data["languages"]),
            base=snap(*self.point) if self.point and not data["forget"] else None,
            radius=data["radius"],
            most=data["most"],
            paused_until=_morning(data["paused_until"]),
            weekly=tuple(weekly),
        )


def _distance(metres: int) -> str:
    if metres < 1000:
        return str(_("%(metres)d m") % {"metres": metres})
    return str(_("%(km)d km") % {"km": metres // 1000})


def _morning(day: Date | None) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time(0))).astimezone(UTC) if day is not None else None


class WindowForm(forms.Form):
    """A weekly time. The time goes past midnight if its end is not after its start. Empty forms are ignored."""

    weekday = forms.TypedChoiceField(
        label=_("Day"), coerce=int, required=False, empty_value=None, choices=[("", "—"), *Weekday.choices]
    )
    start = forms.TimeField(
        label=pgettext_lazy("time", "From"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    end = forms.TimeField(
        label=pgettext_lazy("time", "Until"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )

    def clean(self) -> dict[str, Any]:
        super().clean()
        said = [self.cleaned_data.get(name) is not None for name in ("weekday", "start", "end")]
        if any(said) and not all(said) and not self.errors:
            raise forms.ValidationError(_("A time needs a day, a start and an end."))
        if all(said) and self.minutes < LEAST_MINUTES:
            raise forms.ValidationError(_("A time must last at least half an hour. It can go past midnight."))
        return self.cleaned_data

    @property
    def minutes(self) -> int:
        """The length in minutes. If both times are the same, the length is 0, which is invalid."""
        start, end = self.cleaned_data["start"], self.cleaned_data["end"]
        length: int = (end.hour - start.hour) * 60 + end.minute - start.minute
        return length if start <= end else length + 24 * 60

    @property
    def weekly(self) -> Weekly | None:
        """The weekly time, or None if it is empty."""
        data = self.cleaned_data
        if data.get("weekday") is None:
            return None
        return Weekly(data["weekday"], data["start"].replace(second=0), data["end"].replace(second=0))


class Windows(BaseFormSet):
    """All weekly times; they must not overlap."""

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        taken: list[tuple[int, int]] = []
        for form in self.forms:
            if not (own := form.weekly) or form in self.deleted_forms:
                continue
            begin = own.weekday * 1440 + own.start.hour * 60 + own.start.minute
            spans = [(begin, begin + form.minutes)]
            if spans[0][1] > 7 * 1440:  # a time that goes from Sunday into Monday
                spans.append((begin - 7 * 1440, begin + form.minutes - 7 * 1440))
            if any(a < d and c < b for a, b in spans for c, d in taken):
                raise forms.ValidationError(_("Two of your free times overlap. Change or remove one of them."))
            taken += spans

    @property
    def weekly(self) -> list[Weekly]:
        """The weekly times that are filled in and not deleted."""
        return [own for form in self.forms if form not in self.deleted_forms and (own := form.weekly) is not None]


_WindowSet = formset_factory(WindowForm, formset=Windows, extra=1, max_num=MOST_WINDOWS, can_delete=True)


def window_set(data: Any, initial: list[dict[str, Any]]) -> Windows:
    """Return the forms of the weekly times, with an empty form for a new one."""
    made = _WindowSet(data, initial=initial, prefix="times")
    assert isinstance(made, Windows)
    return made


def initial_of(profile: Profile | None) -> dict[str, Any]:
    """Return the initial values of a stored profile."""
    if profile is None:
        return {}
    day = timezone.localtime(profile.paused_until).date() if profile.paused_until else None
    return {
        "skills": profile.skills,
        "kinds": profile.kinds,
        "languages": profile.languages,
        "latitude": round(profile.base.y, 5) if profile.base else None,
        "longitude": round(profile.base.x, 5) if profile.base else None,
        "radius": profile.radius,
        "most": profile.at_once,
        "paused_until": day if day and day > timezone.localdate() else None,
    }
