"""Invitations by e-mail. Each invitation contains a signed link that works once, within a week, and only for the
invited address."""

import logging
import smtplib
from datetime import timedelta
from enum import Enum
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.core import signing
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models.functions import Lower
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from solidarity.lib.publisher import publisher
from volunteers.enums import Role
from volunteers.models import Association, Invitation, Membership, User
from volunteers.people.associations import daily_limits
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb
from volunteers.signals import became_dispatcher

log = logging.getLogger(__name__)

GOOD_FOR = timedelta(days=7)
MOST_WAITING = 50
SALT = "solidarity.invitation"
SESSION_KEY = "invitation"
"""Session key of the link with which somebody without an account came."""


class InvitationRefusal(Enum):
    """Reasons why an invitation was refused."""

    MEMBER = "member"
    TOO_MANY = "too many"
    TOO_MANY_TODAY = "too many today"
    OVER = "over"
    OTHER_ADDRESS = "other address"


class InvitationRefused(Exception):
    """A refused invitation."""

    def __init__(self, why: InvitationRefusal) -> None:
        super().__init__(why.value)
        self.why = why


def invite(association: Association, email: str, role: str, by: User) -> Invitation:
    """Create an invitation, or renew the link of a pending one. Raise InvitationRefused: MEMBER, TOO_MANY, TOO_MANY_TODAY."""
    email, now = email.strip().lower(), timezone.now()
    with transaction.atomic():
        Association.objects.select_for_update().get(pk=association.pk)
        if Membership.objects.current().filter(association=association, user__email=email).exists():
            raise InvitationRefused(InvitationRefusal.MEMBER)
        waiting = Invitation.objects.waiting(now).filter(association=association)
        row = waiting.filter(email=email).first()
        if row is None and waiting.count() >= MOST_WAITING:
            raise InvitationRefused(InvitationRefusal.TOO_MANY)
        if row is None and not daily_limits.may_let_in(association, by):
            raise InvitationRefused(InvitationRefusal.TOO_MANY_TODAY)
        row = row or Invitation(association=association, email=email, serial=0)
        row.role, row.by, row.serial, row.expires_at = role, by, row.serial + 1, now + GOOD_FOR
        row.save()
        _note(by, Verb.MEMBER_INVITED, row, role=str(role), serial=row.serial)
    return row


def send(invitation: Invitation, word: str = "") -> bool:
    """Send the link in the active language, with a short message (``word``); return False if sending fails."""
    address = settings.SITE_URL + reverse("volunteers:join", args=[token_of(invitation)])
    context = {
        "invitation": invitation,
        "address": address,
        "days": GOOD_FOR.days,
        "word": word,
        "publisher": publisher(),
    }
    text = render_to_string("volunteers/associations/invitation_mail.txt", context)
    title = _("%(association)s invites you to Solidarity") % {"association": invitation.association.name}
    try:
        EmailMessage(title, text, to=[invitation.email], headers={"Auto-Submitted": "auto-generated"}).send()
    except (smtplib.SMTPException, OSError) as error:
        log.warning("an invitation could not be sent: %s", type(error).__name__)
        return False
    return True


def revoke(invitation: Invitation, by: User) -> None:
    """Invalidate the link and delete the address. Idempotent."""
    with transaction.atomic():
        changed = Invitation.objects.waiting(timezone.now()).filter(pk=invitation.pk)
        if changed.update(revoked_at=timezone.now(), email=""):
            _note(by, Verb.INVITATION_REVOKED, invitation)


def token_of(invitation: Invitation) -> str:
    """Return the signed token of the link."""
    return signing.dumps([invitation.pk.hex, invitation.serial], salt=SALT)


def find(token: str) -> Invitation | None:
    """Return the pending invitation to which a link belongs. Return None if the link is invalid, used, withdrawn,
    replaced or expired."""
    try:
        key, serial = signing.loads(token, salt=SALT, max_age=GOOD_FOR)
    except signing.BadSignature:
        return None
    waiting = Invitation.objects.waiting(timezone.now()).select_related("association", "by")
    return waiting.filter(pk=key, serial=serial).first()


def remember(session: SessionBase, token: str) -> None:
    """Let the browser that opened an invitation create an account for it."""
    session[SESSION_KEY] = token


def is_for(invitation: Invitation, user: Any) -> bool:
    """Return whether the person has confirmed the invited address. This check stops people who got a forwarded link."""
    return bool(EmailAddress.objects.filter(user=user, email__iexact=invitation.email, verified=True).exists())


def waiting_for(user: User) -> list[tuple[str, str]]:
    """Return the pending invitations to a person's confirmed addresses: name of the association, path of the page on
    which they join. With this path, they do not need the link in the mail."""
    confirmed = EmailAddress.objects.filter(user=user, verified=True).values(lower=Lower("email"))
    rows = Invitation.objects.waiting(timezone.now()).filter(email__in=confirmed).select_related("association")
    return [(row.association.name, reverse("volunteers:join", args=[token_of(row)])) for row in rows]


def accept(token: str, user: User) -> Membership:
    """Join the association. Raise InvitationRefused: OVER, OTHER_ADDRESS, MEMBER."""
    with transaction.atomic():
        found = find(token)
        row = (
            found
            and Invitation.objects.select_for_update().filter(pk=found.pk, accepted_at=None, revoked_at=None).first()
        )
        if row is None:
            raise InvitationRefused(InvitationRefusal.OVER)
        if not is_for(row, user):
            raise InvitationRefused(InvitationRefusal.OTHER_ADDRESS)
        if Membership.objects.current().filter(user=user, association=row.association).exists():
            raise InvitationRefused(InvitationRefusal.MEMBER)
        membership = Membership.objects.create(user=user, association=row.association, role=row.role)
        row.accepted_at, row.email = timezone.now(), ""
        row.save(update_fields=["accepted_at", "email"])
        _note(user, Verb.MEMBER_JOINED, row, role=row.role)
        if row.role == Role.DISPATCHER:
            became_dispatcher.send(Membership, user=user, by=row.by)
    return membership


def _note(by: User, verb: Verb, row: Invitation, **details: Any) -> None:
    recording.record(by, verb, "invitation", row.pk, purpose=Purpose.ADMINISTRATION, details=details)
