"""The people who answer for a thing that is lent or given."""

from typing import Any

from volunteers.models import User
from volunteers.people.associations.membership import association_dispatchers


def answering_for(row: Any) -> list[User]:
    """Return the people to notify about a thing: its owner, or the members who dispatch for its association. row: an
    object with ``owner`` and ``association``."""
    return [row.owner] if row.owner is not None else list(association_dispatchers(row.association.pk))
