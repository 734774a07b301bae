"""Rows of the matching pages, with reasons. A row names a person only if the reader may know the name."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from needs.help.matching import batch, candidates, capacities, proposals
from needs.help.matching.constraints import Match, rank_volunteers
from needs.help.matching.match_wording import own_sentences, sentences
from needs.help.nearby import nearby
from needs.help.nearby.nearby import Wanted, how_many
from needs.models import Need, Proposal
from volunteers.models import Membership, Profile, User
from volunteers.people.accounts.viewer import Viewer

MAX_SHOWN = 200


def token(need: uuid.UUID, user: int) -> str:
    """Return the token of a person for one need; tokens of different needs cannot be linked."""
    return salted_hmac("needs.matching.whom", f"{need}:{user}", algorithm="sha256").hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Person:
    """A person who could be asked. name: empty if the reader may not know it."""

    token: str
    name: str
    reasons: list[str]


def names_for(reader: User, users: Iterable[int]) -> dict[int, str]:
    """Return the names of the people who are in an association of the reader."""
    own = Membership.objects.current().filter(user=reader).values("association")
    mates = Membership.objects.current().filter(association__in=own, user__in=list(users)).select_related("user")
    return {mate.user_id: str(mate.user.display_name) for mate in mates}


def people(pairs: Sequence[Match], reader: User, now: datetime) -> list[Person]:
    """Return the rows of people to ask, in the given order."""
    names = names_for(reader, [pair.user for pair in pairs])
    return [
        Person(token(pair.need, pair.user), names.get(pair.user, ""), sentences(_stored(pair), now)) for pair in pairs
    ]


def _stored(pair: Match) -> list[Mapping[str, Any]]:
    return [reason.stored() for reason in pair.reasons]


def chosen(need: Need, tokens: Sequence[str], now: datetime) -> list[User]:
    """Return the people behind the tokens of a need's page, if they still fit."""
    pairs = candidates.volunteers_for_need(need, now)
    found = [p.user for p in pairs if any(constant_time_compare(token(need.pk, p.user), each) for each in tokens)]
    return list(User.objects.filter(pk__in=found))


@dataclass(frozen=True, slots=True)
class OwnProposal:
    """A proposal to the reader. kinds: kinds that are still free. persons: "one person", "some people", …"""

    proposal: Proposal
    kinds: list[str]
    persons: str
    reasons: list[str]
    association: str


def own_proposals(user: User, now: datetime) -> list[OwnProposal]:
    """Return the reader's unanswered proposals that still have a free kind, in order of expiry."""
    rows = list(
        Proposal.objects.waiting(now)
        .filter(volunteer=user, need__in=Need.objects.takeable())
        .select_related("need")
        .order_by("expires_at")
    )
    free = candidates.open_kinds([row.need for row in rows])
    own = dict(Membership.objects.current().filter(user=user).values_list("association", "association__name"))
    return [
        OwnProposal(
            row, kinds, str(how_many(row.need.persons).words), own_sentences(row.reasons, now), _association(row, own)
        )
        for row in rows
        if (kinds := _asked_kinds(row, free[row.need_id]))
    ]


def _asked_kinds(row: Proposal, free: Sequence[str]) -> list[str]:
    asked = proposals.asked_kinds(row)
    return [kind for kind in free if not asked or kind in asked]


def _association(row: Proposal, own: Mapping[int, str]) -> str:
    return next((own.get(r["association"], "") for r in row.reasons if r.get("code") == "capacity"), "")


@dataclass(frozen=True, slots=True)
class Fitting:
    """A need that fits what the reader offers."""

    need: Need
    kinds: tuple[str, ...]
    persons: str
    reasons: list[str]


def fitting(viewer: Viewer, now: datetime, wanted: int = 10) -> list[Fitting]:
    """Return needs that the reader may see and that fit their offer, best first."""
    profile = Profile.objects.filter(user=viewer.user_or_404).first()
    if profile is None:
        return []
    visible = {row.id for row in nearby.open_needs(viewer, Wanted())}
    pairs = [pair for pair in candidates.needs_for_volunteer(profile, now) if pair.need in visible][:wanted]
    needs = Need.objects.defer("contact", "text").in_bulk([pair.need for pair in pairs])
    return [
        Fitting(needs[p.need], p.kinds, str(how_many(needs[p.need].persons).words), own_sentences(_stored(p), now))
        for p in pairs
        if p.need in needs
    ]


@dataclass(frozen=True, slots=True)
class Asked:
    """An earlier proposal, for dispatchers. answer: the state of the proposal in words."""

    name: str
    answer: str
    at: datetime


def asked_before(need: Need, reader: User, now: datetime) -> list[Asked]:
    """Return the people who were asked about a need, with their answers, the latest first."""
    rows = list(need.proposals.all()[:50])
    names = names_for(reader, [row.volunteer_id for row in rows])
    return [Asked(names.get(row.volunteer_id, "") or _("A volunteer"), _state(row, now), row.made_at) for row in rows]


def _state(row: Proposal, now: datetime) -> str:
    if row.answer:
        return str(row.get_answer_display())
    return _("no answer yet") if row.expires_at > now else _("expired")


def associations(need: Need, now: datetime) -> list[tuple[str, str, list[str]]]:
    """Return (slug, name, reasons) of the associations with capacity left for a need."""
    [kinds] = candidates.open_kinds([need]).values()
    found: dict[int, tuple[str, str, list[Mapping[str, Any]]]] = {}
    for left in capacities.associations_with_capacity(need, kinds, now):
        own = left.association
        row = found.setdefault(own.pk, (own.slug, own.name, []))
        row[2].extend(r.stored() for r in left.reasons if r.code != "distance" or not row[2])
    return [(slug, name, sentences(reasons, now)) for slug, name, reasons in found.values()]


@dataclass(frozen=True, slots=True)
class Proposed:
    """One pair of a batch."""

    need: Need
    name: str
    reasons: list[str]


def batch_rows(found: batch.Plan, reader: User, now: datetime) -> list[Proposed]:
    """Return the first pairs of a batch with their reasons."""
    pairs = found.pairs[:MAX_SHOWN]
    users = {user for _need, user, _metres in pairs}
    needs = Need.objects.defer("contact", "text").in_bulk([need for need, _user, _metres in pairs])
    profiles = candidates.with_last_asked(candidates.with_load(Profile.objects.filter(pk__in=users), now))
    who = {each.user: each for each in candidates.volunteer_facts(list(profiles), now)}
    facts = {each.id: each for each in found.read.needs}
    names = names_for(reader, users)
    rows = []
    for need, user, metres in pairs:
        ranked = rank_volunteers(facts[need], [(who[user], metres)], now, timezone.get_default_timezone())
        reasons = _stored(ranked[0]) if ranked else []
        rows.append(Proposed(needs[need], names.get(user, "") or _("A volunteer"), sentences(reasons, now)))
    return rows
