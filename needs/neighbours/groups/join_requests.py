"""Asking to join a group or an association, and the answers.

A request alone gives no access to names or places. Members of an association may see exact places, so its dispatchers
accept only people whom they know, as with invitations. Daily limits prevent people from joining all groups one after
the other to collect names.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from functools import partial
from typing import ClassVar

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from needs.conversations.moderation import person_blocks
from needs.enums import Answer
from needs.models import Group, GroupMember, JoinRequest
from needs.neighbours.groups import group_membership
from solidarity.lib.refused_for import RefusedFor
from volunteers.enums import Role, Topic
from volunteers.models import Association, Membership, User
from volunteers.people.associations import daily_limits
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb
from volunteers.people.notifications.notifying import Message, notify
from volunteers.people.vouching import vouching

MOST_A_DAY = 5
MOST_WAITING = 3
AGAIN_AFTER = timedelta(days=30)
"""Time for which a person who was declined or removed cannot ask again."""


class JoinRefusal(Enum):
    """Reasons why somebody cannot ask or join now."""

    UNVERIFIED = "unverified"
    MEMBER = "member"
    ASKED = "asked"
    MANY_WAIT = "many wait"
    TOO_MANY = "too many"
    DECLINED = "declined"
    CLOSED = "closed"
    TOO_MANY_TODAY = "too many today"


class JoinRefused(RefusedFor[JoinRefusal]):
    """A refused request; nothing was stored."""

    sentences: ClassVar[Mapping[Enum, str | Promise]] = {
        JoinRefusal.UNVERIFIED: gettext_lazy("Confirm your e-mail address first. We sent you a message with a link."),
        JoinRefusal.MEMBER: gettext_lazy("You are a member already."),
        JoinRefusal.ASKED: gettext_lazy("You have already asked. We notify you of the answer."),
        JoinRefusal.MANY_WAIT: gettext_lazy("Three of your requests wait for an answer. Wait, or take one back."),
        JoinRefusal.TOO_MANY: gettext_lazy(
            "You have joined a group, or asked to join one, five times today. Try again tomorrow."
        ),
        JoinRefusal.DECLINED: gettext_lazy("The answer was no a short time ago. You can ask again after a month."),
        JoinRefusal.CLOSED: gettext_lazy("This group is closed. Look for another one."),
        JoinRefusal.TOO_MANY_TODAY: gettext_lazy(
            "You, or your association, have let as many people in as possible in one day. The request stays. Answer it "
            "tomorrow."
        ),
    }


def asks_first(group: Group, user: User) -> bool:
    """Whether a person has to ask. Only people whom an association knows join at once, and only if the group allows
    it."""
    return group.asks_first or not vouching.is_vouched(user)


def join_group(group: Group, user: User, word: str = "") -> JoinRequest:
    """Join a group at once, or ask its hosts. Raise JoinRefused."""
    with transaction.atomic():
        row = Group.objects.select_for_update(no_key=True).get(pk=group.pk)
        if row.closed_at is not None:
            raise JoinRefused(JoinRefusal.CLOSED)
        if GroupMember.objects.filter(group=row, user=user).exists():
            raise JoinRefused(JoinRefusal.MEMBER)
        now = timezone.now()
        _check(user, Q(group=row), now)
        if not asks_first(row, user):
            group_membership.add(row, user)
            return JoinRequest.objects.create(group=row, user=user, answer=Answer.ACCEPTED, answered_at=now)
        asked = JoinRequest.objects.create(group=row, user=user, word=word)
        apart = person_blocks.apart_from(user).values("pk")
        _tell(group_membership.hosts_of(row).exclude(pk__in=apart), asked)
    return asked


def ask_association(association: Association, user: User, word: str = "") -> JoinRequest:
    """Ask the dispatchers of an association to become a member. Raise JoinRefused."""
    with transaction.atomic():
        if Membership.objects.current().filter(association=association, user=user).exists():
            raise JoinRefused(JoinRefusal.MEMBER)
        _check(user, Q(association=association), timezone.now())
        asked = JoinRequest.objects.create(association=association, user=user, word=word)
        dispatchers = Membership.objects.dispatching().filter(association=association).values("user")
        _tell(User.objects.filter(pk__in=dispatchers, is_active=True), asked)
    return asked


def take_back(request: JoinRequest) -> bool:
    """Take back one's own request; return False if it was answered before. The request still counts for the daily
    limit."""
    return JoinRequest.objects.filter(pk=request.pk, answer="").update(answer=Answer.EXPIRED, word="") > 0


def to_answer(user: User, now: datetime) -> QuerySet[JoinRequest]:
    """Return the requests that a person may answer: requests to groups that they host, and to associations that they
    dispatch for."""
    groups = Group.objects.hosted_by(user).values("pk")
    associations = Membership.objects.dispatching().filter(user=user).values("association")
    waiting = JoinRequest.objects.waiting(now).filter(user__is_active=True)
    # A request from somebody whom the reader blocked stays unanswered and expires.
    asked = waiting.exclude(group__isnull=False, user__in=person_blocks.apart_from(user).values("pk"))
    return asked.filter(Q(group__in=groups) | Q(association__in=associations)).select_related(
        "user", "group", "association"
    )


def answer(request: JoinRequest, *, accepted: bool, by: User, reason: str = "") -> bool:
    """Answer a request; return False if it was answered or taken back before. Raise JoinRefused: TOO_MANY_TODAY, for a
    member more than an association can let in on one day.

    reason: the reason for a refusal, one of DECLINING.
    """
    with transaction.atomic():
        row = JoinRequest.objects.waiting(timezone.now()).filter(pk=request.pk).select_for_update(of=("self",)).first()
        if row is None:
            return False
        if accepted and row.association is not None:
            _check_daily_limit(row.association, by)
        row.answer = Answer.ACCEPTED if accepted else Answer.DECLINED
        row.reason, row.answered_by, row.answered_at = "" if accepted else reason, by, timezone.now()
        row.save(update_fields=["answer", "reason", "answered_by", "answered_at"])
        if not accepted:
            notify([row.user], Topic.TOUR, f"join-declined:{row.pk}", _declined)
        elif row.group is not None:
            group_membership.add(row.group, row.user)
        elif row.association is not None:
            _make_member(row, row.association, by)
    return True


def _check_daily_limit(association: Association, by: User) -> None:
    Association.objects.select_for_update(no_key=True).get(pk=association.pk)
    mine = JoinRequest.objects.filter(answer=Answer.ACCEPTED, answered_by=by).exclude(association=None)
    already = mine.filter(answered_at__gt=timezone.now() - daily_limits.WINDOW).count()
    if not daily_limits.may_let_in(association, by, already):
        raise JoinRefused(JoinRefusal.TOO_MANY_TODAY)


def _make_member(row: JoinRequest, association: Association, by: User) -> None:
    Membership.objects.get_or_create(
        user=row.user, association=association, left_at=None, defaults={"role": Role.MEMBER}
    )
    path = reverse("volunteers:members", args=[association.slug])
    notify([row.user], Topic.TOUR, f"join-accepted:{row.pk}", partial(_accepted, path))
    recording.record(
        by, Verb.MEMBER_JOINED, "account", row.user.key, purpose=Purpose.ADMINISTRATION,
        details={"role": str(Role.MEMBER), "asked": True},
    )  # fmt: skip


def _check(user: User, goal: Q, now: datetime) -> None:
    """Raise JoinRefused if a person may not ask or join now."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    own = JoinRequest.objects.filter(user=user)
    own.expired(now).update(answer=Answer.EXPIRED)
    if not EmailAddress.objects.filter(user=user, verified=True).exists():
        raise JoinRefused(JoinRefusal.UNVERIFIED)
    if own.filter(goal, answer="").exists():
        raise JoinRefused(JoinRefusal.ASKED)
    if own.filter(goal, answer=Answer.DECLINED, answered_at__gt=now - AGAIN_AFTER).exists():
        raise JoinRefused(JoinRefusal.DECLINED)
    if own.filter(answer="").count() >= MOST_WAITING:
        raise JoinRefused(JoinRefusal.MANY_WAIT)
    if own.filter(asked_at__gt=now - timedelta(days=1)).exclude(answer=Answer.DECLINED).count() >= MOST_A_DAY:
        raise JoinRefused(JoinRefusal.TOO_MANY)


def _tell(people: QuerySet[User], asked: JoinRequest) -> None:
    notify(people, Topic.DESK, f"join-asked:{asked.pk}", lambda: Message(
        title=_("Somebody asks to join"), body=_("Open the page to answer. The request expires after two weeks."),
        path=reverse("needs:join_requests"),
    ))  # fmt: skip


def _declined() -> Message:
    return Message(
        title=_("An answer to your request to join"), body=_("The page “Join” gives the answer and the reason."),
        path=reverse("needs:join"),
    )  # fmt: skip


def _accepted(path: str) -> Message:
    return Message(
        title=_("Welcome to the association"),
        body=_("You are a member now. The page of the association lists the other members."),
        path=path,
    )
