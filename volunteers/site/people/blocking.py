"""Blocking an account. The person is signed out everywhere and has no access until they are unblocked."""

import logging
import smtplib

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from solidarity.lib.publisher import publisher
from volunteers.models import Assignment, Block, Invitation, PushSubscription, Territory, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.associations import invitations
from volunteers.people.associations.membership import end_sessions
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb
from volunteers.people.notifications.notifying import language_of
from volunteers.people.notifications.preferences import chosen_by
from volunteers.people.tokens import tokens
from volunteers.places.territories import duties
from volunteers.signals import account_blocked
from volunteers.site.people.people_list import people_visible_to

log = logging.getLogger(__name__)


def may_block(viewer: Viewer, person: User) -> bool:
    """Whether the viewer may block and unblock an account.

    Administrators may block everybody but administrators: these are removed first, which takes 24 hours, so that a stolen
    session cannot lock the others out. Coordinators may block people whom they see, unless these people
    have a duty outside the coordinator's territories. Coordinators may block another coordinator only if they
    coordinate a territory above. Coordinators may not block administrators or staff, and may not undo an
    administrator's block.
    """
    if person == viewer.account or viewer.account is None or viewer.view_as is not None:
        return False
    if viewer.is_administrator:
        return not person.is_administrator
    if person.is_superuser or person.is_staff or Block.objects.filter(user=person, by_administrator=True).exists():
        return False
    coordinated = Territory.objects.coordinated_by(viewer)
    own = Assignment.objects.current().filter(user=person)
    above = coordinated.filter(parent__in=coordinated.values("pk"))
    if own.exclude(territory__in=coordinated).exists() or own.coordinating().exclude(territory__in=above).exists():
        return False
    return bool(people_visible_to(viewer).filter(pk=person.pk).exists())


def block(person: User, by: User) -> bool:
    """Block an account; return False if it is already blocked, or if the person who blocks was blocked in the meantime.

    The person's sessions, API tokens, push subscriptions, time on duty and sent invitations end. ``account_blocked``
    lets other apps give back what the person holds. Duties and memberships stay, because the account may be unblocked.
    Check :func:`may_block` first.
    """
    with transaction.atomic():
        # All administrators are locked, so that two of them cannot block each other at the same time. The weaker lock
        # does not wait for somebody who is just taking a need.
        rows = User.objects.select_for_update(no_key=True).filter(Q(pk__in=[person.pk, by.pk]) | Q(is_superuser=True))
        locked = {row.pk: row for row in rows.order_by("pk")}
        if not locked[person.pk].is_active or not locked[by.pk].is_active:
            return False
        revoked, sessions = tokens.revoke_all(person), end_sessions(person)
        account_blocked.send(User, user=person)
        User.objects.filter(pk=person.pk).update(is_active=False)
        Block.objects.update_or_create(
            user=person, defaults={"by": by, "at": timezone.now(), "by_administrator": by.is_administrator}
        )
        PushSubscription.objects.filter(user=person).delete()
        duties.go_off_duty(person)
        for invitation in Invitation.objects.waiting(timezone.now()).filter(by=person):
            invitations.revoke(invitation, by)
        _record(person, by, Verb.ACCOUNT_BLOCKED, tokens=revoked, sessions=sessions)
        transaction.on_commit(lambda: _tell(person), robust=True)
    return True


def unblock(person: User, by: User) -> bool:
    """Unblock an account; return False if it is not blocked. Tokens, push subscriptions and commitments are not
    restored.

    Check :func:`may_block` first.
    """
    with transaction.atomic():
        if not User.objects.filter(pk=person.pk, is_active=False).update(is_active=True):
            return False
        Block.objects.filter(user=person).delete()
        _record(person, by, Verb.ACCOUNT_UNBLOCKED)
    return True


def _record(person: User, by: User, verb: Verb, **details: int) -> None:
    first = Assignment.objects.current().filter(user=person).select_related("territory").first()
    recording.record(
        by, verb, "account", person.key, purpose=Purpose.ADMINISTRATION,
        scope=first.territory.slug if first else "", details=details,
    )  # fmt: skip


def _tell(person: User) -> None:
    """Notify the person by mail, with an address to which they can answer."""
    contact = publisher().email or settings.DEFAULT_FROM_EMAIL
    with translation.override(language_of(chosen_by(person))):
        title = _("Your account is blocked")
        text = _(
            "Your account on %(site)s is blocked. You are signed out everywhere, and the needs that you had taken are "
            "open to others again. If you think that this is a mistake, write to %(contact)s."
        ) % {"site": settings.SITE_URL, "contact": contact}
    try:
        EmailMessage(title, f"{text}\n", to=[person.email], headers={"Auto-Submitted": "auto-generated"}).send()
    except (smtplib.SMTPException, OSError) as error:
        log.warning("the message about a blocked account could not be sent: %s", type(error).__name__)
