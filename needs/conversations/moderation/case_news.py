"""Notifications about cases. The notifications quote nothing, name nobody and never say who reported."""

from collections.abc import Iterable
from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from needs.base.moderated_texts.moderation_codes import HIDING, AppealOutcome, Outcome
from needs.models import ModerationCase
from solidarity.lib.http.undo_offers import OVER_SECONDS
from volunteers.enums import Topic
from volunteers.models import Assignment, Membership, User
from volunteers.people.associations.membership import association_dispatchers
from volunteers.people.notifications import notifying
from volunteers.people.notifications.notifying import Message, notify
from volunteers.places.territories import duties

_WAIT = timedelta(seconds=OVER_SECONDS)
_TO_AUTHOR = {
    Outcome.HIDDEN: gettext_lazy("Something that you wrote was hidden"),
    Outcome.WARNED: gettext_lazy("A warning: something that you wrote was hidden"),
    Outcome.PAUSED: gettext_lazy("You cannot write to others for some days"),
}


def without_conflict(case: ModerationCase, people: Iterable[User]) -> list[User]:
    """Return the people who neither wrote the text nor belong to the association in whose name it was written."""
    members = Membership.objects.current().filter(association=case.association) if case.association_id else None
    own = set(members.values_list("user", flat=True)) if members is not None else set()
    return [each for each in people if each.pk != case.author_id and each.pk not in own]


def nearest_moderators(case: ModerationCase, *, above: bool = False) -> list[User]:
    """Return the moderators to notify: the coordinators of the territory; if all of them have a conflict of interest,
    the coordinators of the territory above, and so on; finally the administrators. above: if True, begin one territory
    higher, and leave out the person who decided."""
    decided_by = case.decided_by_id if above else None
    paths = [] if case.passed_on_at else list(duties.paths_up(case.territory))
    for path in list(reversed(paths))[1 if above else 0 :]:
        own = Assignment.objects.coordinating().filter(territory__path=path)
        people = User.objects.filter(pk__in=own.values("user"), is_active=True)
        if found := [each for each in without_conflict(case, people) if each.pk != decided_by]:
            return found
    administrators = without_conflict(case, User.objects.filter(is_superuser=True, is_active=True))
    return [each for each in administrators if each.pk != decided_by] or administrators


def authors_of(case: ModerationCase) -> list[User]:
    """Return the people who answer for a text: its author, or the dispatchers of the association."""
    if case.author is not None:
        return [case.author]
    return list(association_dispatchers(case.association_id)) if case.association_id else []


def tell_moderators(case: ModerationCase) -> None:
    path = reverse("needs:moderation_case", args=[case.pk])
    step = "passed" if case.passed_on_at else "held" if case.held_at else "new"
    notify(nearest_moderators(case), Topic.DESK, f"moderation:{case.pk}:{step}", lambda: Message(
        _("A text waits for a moderator"),
        _("It contains a held word, so it waits until somebody has read it.") if case.held_at
        else _("Somebody reported it. Please look at it today."),
        path,
    ))  # fmt: skip


def tell_appeal(case: ModerationCase) -> None:
    path = reverse("needs:moderation_case", args=[case.pk])
    notify(nearest_moderators(case, above=True), Topic.DESK, f"moderation:{case.pk}:appeal", lambda: Message(
        _("Somebody appeals against a decision"), _("Please read the text and the decision again."), path
    ))  # fmt: skip


def tell_decision(case: ModerationCase) -> None:
    """Tell the author that a text was hidden or released, and tell the reporters, once the decision can no longer be
    undone."""
    outcome, path = Outcome(case.outcome), reverse("needs:own_cases")
    key = f"{_key(case)}:author"
    if outcome in HIDING:
        notify(authors_of(case), Topic.MODERATION, key, lambda: Message(
            str(_TO_AUTHOR[outcome]), _("Open the page to read the reason. You can appeal once."), path
        ), wait=_WAIT)  # fmt: skip
    elif case.held_at is not None:
        notify(authors_of(case), Topic.MODERATION, key, lambda: Message(
            _("What you wrote is now visible"), _("A moderator read it. Thank you for waiting."), path
        ), wait=_WAIT)  # fmt: skip
    reporters = User.objects.filter(pk__in=case.reports.exclude(by=None).values("by"))
    tell_reporters(case, reporters, wait=_WAIT)


def tell_reporters(case: ModerationCase, people: Iterable[User], wait: timedelta = timedelta(0)) -> None:
    """Tell reporters the outcome in plain words, without details."""
    hidden = case.withheld
    notify(people, Topic.MODERATION, f"{_key(case)}:reporter", lambda: Message(
        _("About what you reported"),
        _("Thank you. A moderator read it and hid it.") if hidden
        else _("Thank you. A moderator read it and decided that it stays. You can block the person who wrote it."),
        reverse("needs:blocked_people"),
    ), wait=wait)  # fmt: skip


def tell_appeal_outcome(case: ModerationCase) -> None:
    overturned = case.appeal_outcome == AppealOutcome.OVERTURNED
    notify(authors_of(case), Topic.MODERATION, f"{_key(case)}:appeal", lambda: Message(
        _("The answer to your appeal"),
        _("The decision was wrong. What you wrote is visible again.") if overturned else _("The decision stays."),
        reverse("needs:own_cases"),
    ))  # fmt: skip


def take_back(case: ModerationCase) -> None:
    """Delete the messages of a decision that was undone."""
    for whom in ("author", "reporter"):
        notifying.take_back(f"{_key(case)}:{whom}")


def _key(case: ModerationCase) -> str:
    decided = case.decided_at
    return f"moderation:{case.pk}:{decided:%H%M%S%f}" if decided else f"moderation:{case.pk}"
