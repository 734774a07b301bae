"""Who answers for things that are lent or given, and what others see of them."""

from typing import Any

from volunteers.models import Association, User


def first_name(user: User | None) -> str:
    """Return the first word of the name that somebody shows to their team; "" without one."""
    return (user.display_name.split() or [""])[0] if user is not None else ""


def answering_for(row: Any) -> list[User]:
    """Return the people to notify about a thing: its owner, or the members who dispatch for its association. row: an
    object with ``owner`` and ``association``."""
    if row.owner is not None:
        return [row.owner]
    return dispatchers_of(row.association)


def dispatchers_of(association: Association) -> list[User]:
    """Return the people who dispatch for an association."""
    dispatching = association.memberships.dispatching()  # type: ignore[attr-defined]
    return list(User.objects.filter(pk__in=dispatching.values("user"), is_active=True))
