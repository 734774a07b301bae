"""Vouches in tests."""

from django.utils import timezone

from volunteers.models import Association, User, Vouch


def vouch_for(user: User, association: Association) -> Vouch:
    """Let an association vouch for a person."""
    return Vouch.objects.create(user=user, association=association, accepted=True, answered_at=timezone.now())
