"""Daily limits of vouches and of new members. Without them, one dispatcher could open exact places to any number of
accounts in minutes. The limits count the last 24 hours, in every way in which an association lets people in."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from volunteers.models import Association, Invitation, Membership, User, Vouch

WINDOW = timedelta(days=1)


def may_vouch(association: Association, by: User) -> bool:
    """Whether a person may accept another request for a vouch now. Lock the association first."""
    accepted = Vouch.objects.filter(accepted=True, answered_at__gt=_since())
    return (
        accepted.filter(answered_by=by).count() < settings.VOUCHES_PER_PERSON
        and accepted.filter(association=association).count() < settings.VOUCHES_PER_ASSOCIATION
    )


def may_let_in(association: Association, by: User, already: int = 0) -> bool:
    """Whether a person may invite another person or accept a request to join now. Lock the association first.

    already: the number of requests to join that the person accepted in the last 24 hours. Coordinators and administrators
    who do not belong to the association have no limit of their own.
    """
    since = _since()
    invited = Invitation.objects.filter(made_at__gt=since)
    own = Membership.objects.current().filter(association=association, user=by)
    if own.exists() and invited.filter(by=by).count() + already >= settings.INVITATIONS_PER_PERSON:
        return False
    return _let_in(association, since) < settings.INVITATIONS_PER_ASSOCIATION


def _let_in(association: Association, since: datetime) -> int:
    """Return the number of people invited, and of people who joined without an invitation."""
    rows = Invitation.objects.filter(association=association)
    joined = Membership.objects.filter(association=association, joined_at__gt=since).count()
    by_invitation = rows.filter(accepted_at__gt=since).count()
    return rows.filter(made_at__gt=since).count() + max(joined - by_invitation, 0)


def _since() -> datetime:
    return timezone.now() - WINDOW
