"""The first steps of a volunteer, and the next steps until an association or a coordinator knows them.

Nothing is stored about the steps: the profile shows which steps are done, so each step can be skipped and done later.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Exists, OuterRef
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from solidarity.lib import grid
from volunteers.models import DutyRequest, Profile, User, Vouch
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.associations import invitations
from volunteers.people.roles import standing
from volunteers.places.territories import areas


class Step(StrEnum):
    """The three questions, in their order."""

    WHERE = "where"
    WHEN = "when"
    WHAT = "what"

    @property
    def question(self) -> str | Promise:
        return _TITLES[self]

    @property
    def number(self) -> int:
        return [*Step].index(self) + 1

    @property
    def before(self) -> "Step | None":
        return [*Step][self.number - 2] if self.number > 1 else None

    @property
    def after(self) -> "Step | None":
        return [*Step][self.number] if self.number < len(Step) else None


_TITLES: dict[Step, str | Promise] = {
    Step.WHERE: _("Where do you usually start from?"),
    Step.WHEN: _("When are you free?"),
    Step.WHAT: _("What would you like to do?"),
}


def profile_of(user: User) -> Profile | None:
    """Return a person's profile with its weekly times; None before the first step."""
    return Profile.objects.filter(user=user).prefetch_related("windows").first()


def open_steps(profile: Profile | None) -> list[Step]:
    """Return the questions that have no answer yet."""
    if profile is None:
        return [*Step]
    done = {
        Step.WHERE: profile.base is not None,
        Step.WHEN: bool(profile.windows.all()),
        Step.WHAT: bool(profile.kinds or profile.skills or profile.languages),
    }
    return [step for step in Step if not done[step]]


@dataclass(frozen=True, slots=True)
class WhatNext:
    """The next steps of a new volunteer, and the decisions of others for which they wait.

    steps: the questions without an answer. area: name of the territory around their place, "" if unknown; area_slug:
    its short name. asked_territory: a coordinator has been asked for a territory. vouched, asked_vouch: whether an
    association vouches for them, or has been asked. invited: associations that invite them, each with the address to
    join.
    """

    steps: list[Step]
    area: str
    area_slug: str
    asked_territory: bool
    vouched: bool
    asked_vouch: bool
    invited: list[tuple[str, str]]


def what_next(viewer: Viewer) -> WhatNext | None:
    """Return the next step for a volunteer who has no territory yet; None for everybody else."""
    user = viewer.account
    if user is None or viewer.view_as is not None or user.is_administrator:
        return None
    known = standing.of(user)
    if known.member or known.duties:
        return None
    own = {"user": OuterRef("pk")}
    asked = User.objects.filter(pk=user.pk).values_list(
        Exists(DutyRequest.objects.waiting().filter(**own)), Exists(Vouch.objects.waiting().filter(**own))
    )
    asked_territory, asked_vouch = asked.get()
    profile = profile_of(user)
    slug, name = _area_of(profile)
    invited = invitations.waiting_for(user)
    return WhatNext(open_steps(profile), name, slug, asked_territory, known.vouched_for, asked_vouch, invited)


def _area_of(profile: Profile | None) -> tuple[str, str]:
    if profile is None or profile.base is None:
        return "", ""
    area = areas.area_of(grid.cell_of(profile.base.y, profile.base.x))
    return (area.slug, area.name) if area is not None else ("", "")
