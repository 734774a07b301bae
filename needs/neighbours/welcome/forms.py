"""The three questions of the first hour. Each form stores its own answer and does not change the other answers."""

from typing import Any

from django import forms
from django.contrib.gis.db.models.functions import PointOnSurface
from django.utils.translation import gettext_lazy as _

from needs.neighbours.welcome import weekly_grid
from needs.neighbours.welcome.first_steps import Step
from volunteers.enums import Weekday
from volunteers.models import Profile, Territory, User
from volunteers.people.availability import offers
from volunteers.people.availability.base_point_forms import BasePointForm
from volunteers.people.availability.forms import AbilitiesForm

MOST_AREAS = 400
"""Longest list of districts to choose from; on a larger site, the map and the search find the place."""


class StepForm(forms.Form):
    """A question. profile: the stored answers, or None."""

    def __init__(self, *args: Any, profile: Profile | None, **options: Any) -> None:
        self.profile = profile
        super().__init__(*args, **options)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was entered."""
        return not any(self.data.getlist(name) not in ([], [""]) for name in self.fields)  # type: ignore[attr-defined]

    def store(self, user: User) -> None:
        raise NotImplementedError


class WhereForm(BasePointForm, StepForm):
    """A point on the map, or a district. Only the centre of a cell is stored."""

    area = forms.ChoiceField(
        label=_("Or choose a district"),
        required=False,
        help_text=_("We then take a place in the middle of it."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        base = self.profile.base if self.profile is not None else None
        if base is not None:
            self.initial = {**self.initial, "latitude": round(base.y, 5), "longitude": round(base.x, 5)}
        area = self.fields["area"]
        assert isinstance(area, forms.ChoiceField)
        rows = list(Territory.objects.zoned().order_by("name").values_list("slug", "name")[: MOST_AREAS + 1])
        if not rows or len(rows) > MOST_AREAS:
            del self.fields["area"]
        else:
            area.choices = [("", "—"), *rows]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not self.errors and self.point is None and not data.get("area"):
            self.refuse_place(_("Choose a place or a district. You can also skip this question."))
        return data

    def store(self, user: User) -> None:
        data = self.cleaned_data
        if self.point is not None and not (data.get("area") and self._is_stored_point):
            offers.store_base(user, self.point)
            return
        middle = Territory.objects.filter(slug=data["area"]).annotate(middle=PointOnSurface("polygon")).get().middle
        offers.store_base(user, (middle.y, middle.x))

    @property
    def _is_stored_point(self) -> bool:
        """Whether the point is the stored one.

        If it is, a newly chosen district counts; otherwise the new point counts.
        """
        return not {"latitude", "longitude"} & {*self.changed_data}


class WhenForm(StepForm):
    """The parts of days when the volunteer is free every week."""

    times = forms.MultipleChoiceField(
        label=_("Your free times, every week"),
        choices=[(box, box) for box in weekly_grid.BOXES],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick at least one time. You can also skip this question.")},
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.stored = offers.weekly_of(self.profile)
        self.initial["times"] = weekly_grid.ticked(self.stored)

    @property
    def rows(self) -> list[tuple[Any, list[tuple[str, weekly_grid.Part, bool]]]]:
        """The rows of the grid: each day, with a tuple (value, part of the day, whether it is ticked) for each box."""
        chosen = set(self["times"].value() or ())
        return [
            (
                day.label,
                [(box, part, box in chosen) for part in weekly_grid.PARTS for box in [weekly_grid.box_of(day, part)]],
            )
            for day in Weekday
        ]

    @property
    def parts(self) -> tuple[weekly_grid.Part, ...]:
        return weekly_grid.PARTS

    @property
    def others(self) -> int:
        """The number of stored times that the grid cannot show."""
        return len(weekly_grid.other_times(self.stored))

    def store(self, user: User) -> None:
        others = weekly_grid.other_times(self.stored)
        offers.store_times(user, weekly_grid.without_overlaps(self.cleaned_data["times"], others))


class WhatForm(StepForm, AbilitiesForm):
    """Kinds of help, skills and languages."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.profile is not None:
            self.initial = {**self.initial, **{name: getattr(self.profile, name) for name in self.fields}}

    def store(self, user: User) -> None:
        offers.store_abilities(user, **{name: self.cleaned_data[name] for name in self.fields})


FORMS: dict[Step, type[StepForm]] = {Step.WHERE: WhereForm, Step.WHEN: WhenForm, Step.WHAT: WhatForm}
