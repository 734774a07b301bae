"""Proposals of needs to people, and their answers. Nobody is assigned: a proposal is answered or expires."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from needs.enums import TAKEABLE_STATES, Answer, Urgency
from needs.help.commitments import taking
from needs.help.exact_places import eligibility, help_offers
from needs.help.matching import capacities
from needs.help.matching.candidates import need_facts, open_kinds, volunteer_facts, with_last_asked, with_load
from needs.help.matching.constraints import Match, match
from needs.help.records.limits import holder_lock_name
from needs.help.records.refusals import Refusal, Refused
from needs.models import Commitment, HelpOffer, Need, Proposal
from solidarity.lib import grid
from solidarity.lib.database.advisory_locks import lock
from volunteers.enums import Topic
from volunteers.models import Association, Membership, Profile, User
from volunteers.people.notifications.notifying import Message, notify

TIME_TO_ANSWER = {
    Urgency.NOW: timedelta(hours=4),
    Urgency.SOON: timedelta(hours=24),
    Urgency.LATER: timedelta(hours=72),
}
"""Time until a proposal expires, by the need's urgency."""

PROPOSALS_LOCK = "needs.matching.proposals"
Pair = tuple[uuid.UUID, int]


class TooLate(Exception):
    """The proposal was already answered or has expired, or its need is no longer open."""


# --- proposing --------------------------------------------------------------------------------------------------------


def propose(need: Need, volunteers: Iterable[User], by: User | None) -> list[Proposal]:
    """Propose a need to people and notify them; skip people who no longer fit."""
    return propose_pairs([(need.pk, who.pk) for who in volunteers], by)


def propose_pairs(pairs: Sequence[Pair], by: User | None, now: datetime | None = None) -> list[Proposal]:
    """Propose needs to people and notify them. Check every pair again, in order; return the proposals made.

    A lock ensures that only one call runs at a time. Otherwise two dispatchers together could ask a person for more
    than they offered.
    """
    now = now or timezone.now()
    batch = uuid.uuid4()
    with transaction.atomic():
        lock([PROPOSALS_LOCK])
        rows = [_row(pair.need, pair.user, by, batch, now, pair) for pair in _still_fitting(pairs, now)]
        _set_expiry(rows, now)
        made = Proposal.objects.bulk_create(rows)
        near = {row.volunteer_id for row in made if row.distance is not None}
        _notify(near, batch)
        _notify({row.volunteer_id for row in made} - near, batch, near=False)
    return made


def _row(
    need: uuid.UUID, user: int, by: User | None, batch: uuid.UUID, now: datetime, pair: Match | None = None
) -> Proposal:
    return Proposal(
        need_id=need,
        volunteer_id=user,
        by=by,
        batch=batch,
        distance=pair.distance if pair else None,
        reasons=[reason.stored() for reason in pair.reasons] if pair else [],
        made_at=now,
        expires_at=now,
    )


def _set_expiry(rows: Sequence[Proposal], now: datetime) -> None:
    urgency = dict(Need.objects.filter(pk__in={row.need_id for row in rows}).values_list("pk", "urgency"))
    for row in rows:
        row.expires_at = now + TIME_TO_ANSWER[Urgency(urgency[row.need_id])]


def _notify(users: Iterable[int], batch: uuid.UUID, *, near: bool = True) -> None:
    """Notify people of proposals. near: True if the place is known, so that the message can say “nearby”."""
    people = User.objects.filter(pk__in=set(users))
    notify(people, Topic.PROPOSAL, f"proposals:{batch}", lambda: Message(
        title=_("Somebody nearby could use your help") if near else _("Somebody could use your help"),
        body=_("A need fits what you offer. Look at it and say yes or no. You are free to say no."),
        path=reverse("needs:proposals"),
    ))  # fmt: skip


def _still_fitting(pairs: Sequence[Pair], now: datetime) -> list[Match]:
    """Lock the needs' rows and return the pairs that still fit. Each accepted pair uses up free time of its person."""
    rows = Need.objects.takeable().filter(pk__in={need for need, _user in pairs}).select_for_update(of=("self",))
    needs = {need.pk: need for need in rows.order_by("pk")}
    facts = {each.id: each for each in need_facts(needs.values())}
    users = sorted({user for _need, user in pairs})
    profiles = {p.pk: p for p in with_last_asked(with_load(Profile.objects.offering(now).filter(pk__in=users), now))}
    settled = _settled(needs, users)
    people = {who.user: who for who in volunteer_facts(list(profiles.values()), now, settled)}
    possible = [(need, user) for need, user in dict.fromkeys(pairs) if need in facts and user in people]
    metres = _metres([(needs[need].cell, profiles[user]) for need, user in possible])
    same_district = _in_district([(needs[need], profiles[user]) for need, user in possible])
    zone = timezone.get_default_timezone()
    found: list[Match] = []
    for (key, user), distance in zip(possible, metres, strict=True):
        reachable = distance is not None or (key, user) in same_district
        pair = match(facts[key], people[user], distance, now, zone) if reachable else None
        if pair is not None:
            found.append(pair)
            people[user] = replace(people[user], waiting=people[user].waiting + 1)
    return found


def _settled(needs: Iterable[uuid.UUID], users: Sequence[int]) -> dict[int, frozenset[uuid.UUID]]:
    found: dict[int, set[uuid.UUID]] = defaultdict(set)
    among = {"need__in": list(needs), "volunteer__in": users}
    asked = Proposal.objects.filter(**among).exclude(answer=Answer.EXPIRED).values_list("volunteer", "need")
    for user, need in (*asked, *Commitment.objects.filter(**among).values_list("volunteer", "need")):
        found[user].add(need)
    return {user: frozenset(needs) for user, needs in found.items()}


def _in_district(pairs: Sequence[tuple[Need, Profile]]) -> set[tuple[uuid.UUID, int]]:
    """Return the (need, user) pairs for which only the need's district is known and the person's base is in this
    district."""
    return {
        (need.pk, profile.pk)
        for need, profile in pairs
        if need.cell is None and need.district is not None and profile.base is not None
        and need.district.polygon.covers(profile.base)
    }  # fmt: skip


def _metres(pairs: Sequence[tuple[int | None, Profile]]) -> list[float | None]:
    """Return the distance in metres of each (cell, profile); None beyond the profile's radius (exact, by PostGIS)."""
    rows = [
        (place, *grid.centre(cell), profile.base.y, profile.base.x, profile.radius)
        for place, (cell, profile) in enumerate(pairs)
        if cell is not None and profile.base is not None
    ]
    found: list[float | None] = [None] * len(pairs)
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _each in range(6)]
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT place, ST_Distance(centre, base) FROM (
                   SELECT place, radius, ST_SetSRID(ST_MakePoint(lng, lat), 4326)::geography AS centre,
                          ST_SetSRID(ST_MakePoint(base_lng, base_lat), 4326)::geography AS base
                   FROM unnest(%s::bigint[], %s::float8[], %s::float8[], %s::float8[], %s::float8[], %s::float8[])
                        AS every(place, lat, lng, base_lat, base_lng, radius)) AS pairs
               WHERE ST_DWithin(centre, base, radius)""",
            columns,
        )
        for place, metres in cursor.fetchall():
            found[place] = metres
    return found


def ask_association(
    need: Need, association: Association, by: User | None, now: datetime | None = None
) -> list[Proposal]:
    """Propose a need to the dispatchers of an association, if it has capacity left this week.

    Return an empty list if the association has no capacity left or no dispatchers, or if all of them were asked before.
    """
    now = now or timezone.now()
    batch = uuid.uuid4()
    with transaction.atomic():
        lock([PROPOSALS_LOCK])
        row = Need.objects.takeable().select_for_update(of=("self",)).filter(pk=need.pk).first()
        if row is None:
            return []
        capacity = capacities.associations_with_capacity(row, open_kinds([row])[row.pk], now)
        left = [each for each in capacity if each.association == association]
        if not left:
            return []
        dispatchers = Membership.objects.dispatching().filter(association=association, user__is_active=True)
        people = list(dispatchers.values_list("user", flat=True))
        settled = _settled([row.pk], people)
        rows = [_row(row.pk, user, by, batch, now) for user in people if row.pk not in settled.get(user, ())]
        for each in rows:
            each.distance = left[0].distance
            each.reasons = [
                reason.stored() | ({"association": association.pk} if reason.code == "capacity" else {})
                for some in left
                for reason in some.reasons
            ]
        _set_expiry(rows, now)
        made = Proposal.objects.bulk_create(rows)
        _notify([each.volunteer_id for each in made], batch)
    return made


def asked_kinds(proposal: Proposal) -> tuple[str, ...]:
    """Return the kinds of a proposal; an empty tuple stands for all free kinds."""
    return _offer(proposal).kinds


# --- answering -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Offer:
    """The content of a proposal. association: the association for which the person would act, or None. kinds: the
    offered kinds; empty for all free kinds."""

    association: int | None
    kinds: tuple[str, ...]


def _offer(proposal: Proposal) -> _Offer:
    asked = [reason for reason in proposal.reasons if reason.get("code") == "capacity"]
    if asked:
        return _Offer(asked[0]["association"], tuple(reason["kind"] for reason in asked))
    return _Offer(None, tuple(kind for r in proposal.reasons if r.get("code") == "part" for kind in r["kinds"]))


def accept(proposal: uuid.UUID, user: User, now: datetime | None = None) -> Commitment | HelpOffer:
    """Accept a proposal: take the need, or the proposed part, in the same transaction.

    If the person may not take the need, their acceptance becomes an offer of help: proposals also go to volunteers for
    whom nobody vouches.

    Raises Proposal.DoesNotExist for somebody else's proposal, TooLate, or Refused (see ``taking.take``). A refusal
    changes nothing, except that the proposal expires if the need is held by others or closed.
    """
    now = now or timezone.now()
    try:
        with transaction.atomic():
            row = _waiting(proposal, user, now)
            made = _take_or_offer(row, user, now)
            row.answer, row.answered_at = Answer.ACCEPTED, now
            row.save(update_fields=["answer", "answered_at"])
            _expire_if_nothing_is_free(row.need_id, now)
    except Refused as refused:
        if refused.refusal in (Refusal.TAKEN, Refusal.CLOSED):
            Proposal.objects.filter(pk=proposal, answer="").update(answer=Answer.EXPIRED, answered_at=now)
        raise
    return made


def _take_or_offer(row: Proposal, user: User, now: datetime) -> Commitment | HelpOffer:
    need = Need.objects.get(pk=row.need_id)
    if eligibility.may_take(user, need):
        return _take(row, user, now)
    return next(iter(help_offers.own_offers(user, need.pk)), None) or help_offers.make(need, user)


def _take(row: Proposal, user: User, now: datetime) -> Commitment:
    offer = _offer(row)
    association = Association.objects.get(pk=offer.association) if offer.association else None
    if association is not None:
        lock([holder_lock_name(user, association)])
    need = Need.objects.get(pk=row.need_id)
    free = taking.free_kinds(need)
    kinds = [kind for kind in free if kind in offer.kinds] if offer.kinds else None
    if association is not None:
        left = {
            each.kind
            for each in capacities.associations_with_capacity(need, free, now)
            if each.association == association
        }
        kinds = [kind for kind in kinds or [] if kind in left]
        if free and not kinds:
            raise Refused(Refusal.ASSOCIATION_FULL)
    if kinds is not None and not kinds:
        raise Refused(Refusal.TAKEN, free)
    return taking.take(need, user, kinds=kinds, association=association)


def decline(proposal: uuid.UUID, user: User, now: datetime | None = None) -> None:
    """Decline without reason or consequence. This need is not proposed again to the same person.

    Raises Proposal.DoesNotExist for somebody else's proposal, TooLate.
    """
    now = now or timezone.now()
    with transaction.atomic():
        row = _waiting(proposal, user, now)
        row.answer, row.answered_at = Answer.DECLINED, now
        row.save(update_fields=["answer", "answered_at"])


def undo_decline(proposal: uuid.UUID, user: User) -> bool:
    """Make a declined proposal answerable again, until its old expiry. Return False if it is not declined."""
    own = Proposal.objects.filter(pk=proposal, volunteer=user, answer=Answer.DECLINED)
    return bool(own.update(answer="", answered_at=None))


def answer(proposal: uuid.UUID, user: User, *, accept_it: bool) -> Commitment | HelpOffer | None:
    """Accept or decline (see :func:`accept` and :func:`decline`); None if declined."""
    if accept_it:
        return accept(proposal, user)
    decline(proposal, user)
    return None


def _waiting(proposal: uuid.UUID, user: User, now: datetime) -> Proposal:
    row = Proposal.objects.select_for_update().get(pk=proposal, volunteer=user)
    if row.answer or row.expires_at <= now:
        raise TooLate
    return row


def _expire_if_nothing_is_free(need: uuid.UUID, now: datetime) -> None:
    """Expire the other proposals of a need without free kinds, except rows that somebody is answering right now."""
    if taking.free_kinds(Need.objects.get(pk=need)):
        return
    others = Proposal.objects.select_for_update(skip_locked=True).filter(need=need, answer="")
    keys = list(others.values_list("pk", flat=True))
    Proposal.objects.filter(pk__in=keys).update(answer=Answer.EXPIRED, answered_at=now)


def expire(now: datetime | None = None) -> int:
    """Expire overdue proposals, and proposals for needs that can no longer be taken; return their number.
    Idempotent."""
    now = now or timezone.now()
    over = Q(expires_at__lte=now) | Q(need__retracted_at__isnull=False) | ~Q(need__state__in=TAKEABLE_STATES)
    with transaction.atomic():
        rows = Proposal.objects.select_for_update(skip_locked=True, of=("self",)).filter(over, answer="")
        keys = list(rows.values_list("pk", flat=True))
        return Proposal.objects.filter(pk__in=keys).update(answer=Answer.EXPIRED, answered_at=now)
