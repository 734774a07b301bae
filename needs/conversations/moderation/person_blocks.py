"""Blocks between two people: they cannot write to each other, ask or join each other, or be proposed to each other.

The blocked person is not told. A block for an association applies only to the association's loans
(needs.neighbours.loans.loan_people).
"""

from collections import defaultdict
from collections.abc import Collection

from django.db import transaction
from django.db.models import Q, QuerySet

from needs.models import PersonBlock
from solidarity.lib.database import prepared_statements
from volunteers.models import User

MOST = 500


def is_blocked(one: User | None, other: User | None) -> bool:
    """Whether one of two people has blocked the other. The result is False if one side has no account."""
    if one is None or other is None or one.pk == other.pk:
        return False
    return PersonBlock.objects.filter(Q(by=one, blocked=other) | Q(by=other, blocked=one), association=None).exists()


def apart_from(user: User | int) -> QuerySet[User]:
    """Return the people who are kept apart from a person: people whom the person blocked, and people who blocked the
    person."""
    own = PersonBlock.objects.filter(association=None)
    return User.objects.filter(
        Q(pk__in=own.filter(by=user).values("blocked")) | Q(pk__in=own.filter(blocked=user).values("by"))
    )


def apart_by_person(people: Collection[int]) -> dict[int, frozenset[int]]:
    """For each of the given people, return the people kept apart from them. One query."""
    found: dict[int, set[int]] = defaultdict(set)
    for one, other in prepared_statements.run(_APART, [prepared_statements.array(people)]):
        found[one].add(other)
        found[other].add(one)
    return {each: frozenset(others) for each, others in found.items()}


_APART = (
    "SELECT by_id, blocked_id FROM needs_personblock WHERE association_id IS NULL "
    "AND (by_id = ANY($1::int[]) OR blocked_id = ANY($1))"
)


def block(by: User, other: User, kind: str) -> bool:
    """Block a person. Return False if the two are the same person, or if the limit MOST is exceeded.

    kind: the kind of text that the blocked person wrote.
    """
    if by.pk == other.pk:
        return False
    with transaction.atomic():
        if PersonBlock.objects.filter(by=by).count() >= MOST:
            return False
        PersonBlock.objects.get_or_create(by=by, association=None, blocked=other, defaults={"kind": kind})
    return True


def unblock(by: User, block: int) -> bool:
    """End one of a person's own blocks; return False if there is none."""
    return PersonBlock.objects.filter(pk=block, by=by).delete()[0] > 0
