"""Changes of administrators: invitation, hand-over, removal (ADR 68).

Every change takes effect 24 hours after all administrators and the person have been told. Until then, each
administrator can stop it. So a stolen session can neither name an accomplice nor remove the others unnoticed.
"""

from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.core import signing
from django.db import transaction
from django.utils import timezone

from volunteers.models import AdministratorChange, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb

GOOD_FOR = timedelta(days=7)
MOST_WAITING = 5
SALT = "solidarity.administrator"
Kind, Outcome = AdministratorChange.Kind, AdministratorChange.Outcome


class AdministratorRefusal(Enum):
    """Reasons why a change of administrators was refused."""

    ALREADY = "already"
    TOO_MANY = "too many"
    OVER = "over"
    OTHER_ADDRESS = "other address"
    NO_FACTOR = "no second factor"
    LAST = "last"
    NOT_ONE = "not an administrator"


class AdministratorRefused(Exception):
    """A refused change of administrators."""

    def __init__(self, why: AdministratorRefusal) -> None:
        super().__init__(why.value)
        self.why = why


def may_change(viewer: Viewer) -> bool:
    """Whether a viewer may see and change the administrators."""
    return viewer.is_administrator and viewer.view_as is None


def has_factor(person: User) -> bool:
    """Whether somebody has the second factor that an administrator needs."""
    return not settings.MFA_REQUIRED or bool(is_mfa_enabled(person))


def with_factor() -> int:
    """Return how many administrators have the second factor that they need."""
    return sum(has_factor(person) for person in User.objects.filter(is_superuser=True, is_active=True))


def invite(email: str, by: User, *, hand_over: bool = False) -> AdministratorChange:
    """Create an invitation, or renew the link of a pending one. Raise AdministratorRefused: ALREADY, TOO_MANY, NOT_ONE.

    hand_over: whether ``by`` stops being an administrator when the other person starts.
    """
    email, now = email.strip().lower(), timezone.now()
    with transaction.atomic():
        administrators = _locked()
        if by.pk not in administrators:
            raise AdministratorRefused(AdministratorRefusal.NOT_ONE)
        if any(person.email.lower() == email for person in administrators.values()):
            raise AdministratorRefused(AdministratorRefusal.ALREADY)
        if AdministratorChange.objects.open(now).filter(person__email__iexact=email).exists():
            raise AdministratorRefused(AdministratorRefusal.ALREADY)
        waiting = AdministratorChange.objects.waiting(now)
        row = waiting.filter(email=email).first()
        if row is None and waiting.count() >= MOST_WAITING:
            raise AdministratorRefused(AdministratorRefusal.TOO_MANY)
        row = row or AdministratorChange(email=email)
        row.kind, row.by = Kind.HANDED_OVER if hand_over else Kind.NAMED, by
        row.serial, row.expires_at = row.serial + 1, now + GOOD_FOR
        row.save()
        _note(by, Verb.ADMIN_INVITED, row, kind=row.kind, serial=row.serial)
    return row


def token_of(change: AdministratorChange) -> str:
    """Return the signed token of an invitation's link."""
    return signing.dumps([change.pk.hex, change.serial], salt=SALT)


def find(token: str) -> AdministratorChange | None:
    """Return the pending invitation of a link; None if the link is invalid, used, stopped, replaced or expired."""
    try:
        key, serial = signing.loads(token, salt=SALT, max_age=GOOD_FOR)
    except signing.BadSignature:
        return None
    waiting = AdministratorChange.objects.waiting(timezone.now()).select_related("by")
    return waiting.filter(pk=key, serial=serial).first()


def is_for(change: AdministratorChange, user: Any) -> bool:
    """Return whether the person has confirmed the invited address."""
    return bool(EmailAddress.objects.filter(user=user, email__iexact=change.email, verified=True).exists())


def accept(token: str, user: User) -> AdministratorChange:
    """Accept an invitation; the time to object begins once everybody has been told.

    Raise AdministratorRefused: OVER, OTHER_ADDRESS, NO_FACTOR, ALREADY.
    """
    with transaction.atomic():
        administrators = _locked()
        found = find(token)
        row = found and AdministratorChange.objects.select_for_update().filter(pk=found.pk, accepted_at=None).first()
        if row is None or row.ended_at or row.by_id not in administrators:
            raise AdministratorRefused(AdministratorRefusal.OVER)
        if not is_for(row, user):
            raise AdministratorRefused(AdministratorRefusal.OTHER_ADDRESS)
        if not has_factor(user):
            raise AdministratorRefused(AdministratorRefusal.NO_FACTOR)
        if user.pk in administrators or AdministratorChange.objects.filter(person=user, ended_at=None).exists():
            raise AdministratorRefused(AdministratorRefusal.ALREADY)
        row.person, row.email, row.accepted_at = user, "", timezone.now()
        row.save()
        _note(user, Verb.ADMIN_ACCEPTED, row)
    return row


def ask_removal(person: User, by: User) -> AdministratorChange:
    """Ask for the removal of an administrator, who may be ``by``. Raise AdministratorRefused: NOT_ONE, LAST, ALREADY."""
    with transaction.atomic():
        administrators = _locked()
        if person.pk not in administrators or by.pk not in administrators:
            raise AdministratorRefused(AdministratorRefusal.NOT_ONE)
        if len(administrators) < 2:
            raise AdministratorRefused(AdministratorRefusal.LAST)
        if AdministratorChange.objects.filter(person=person, ended_at=None).exists():
            raise AdministratorRefused(AdministratorRefusal.ALREADY)
        row = AdministratorChange.objects.create(kind=Kind.REMOVED, person=person, by=by, accepted_at=timezone.now())
        _note(by, Verb.ADMIN_REMOVAL_ASKED, row)
    return row


def stop(change: AdministratorChange, by: User) -> bool:
    """Stop a change before it takes effect: an administrator objects, or takes it back. Return False if it is over."""
    with transaction.atomic():
        if by.pk not in _locked():
            return False
        open_now = AdministratorChange.objects.open(timezone.now()).select_for_update(of=("self",))
        row = open_now.filter(pk=change.pk).first()
        if row is None:
            return False
        _end(row, Outcome.STOPPED)
        _note(by, Verb.ADMIN_STOPPED, row)
    return True


def carry_out(change: AdministratorChange, now: datetime) -> bool:
    """Carry out a due change. Return False if it is over, or no longer possible."""
    with transaction.atomic():
        administrators = _locked()
        row = AdministratorChange.objects.due(now).select_for_update(of=("self",)).filter(pk=change.pk).first()
        if row is None or row.person_id is None:
            return False
        person = User.objects.select_for_update(no_key=True).get(pk=row.person_id)
        if row.kind == Kind.REMOVED:
            possible = person.pk in administrators and len(administrators) > 1
        else:
            possible = person.is_active and has_factor(person)
        if not possible or row.by_id not in administrators:
            _end(row, Outcome.LAPSED)
            return False
        if row.kind == Kind.REMOVED:
            _set(person, False, row.by)
        else:
            _set(person, True, row.by)
            if row.kind == Kind.HANDED_OVER:
                _set(administrators[row.by_id], False, row.by)
        _end(row, Outcome.DONE)
    return True


def set_now(person: User, administrator: bool) -> None:
    """Name or remove an administrator at once, for people with access to the server. Raise AdministratorRefused: LAST, NOT_ONE."""
    with transaction.atomic():
        administrators = _locked()
        if not person.is_active:
            raise AdministratorRefused(AdministratorRefusal.NOT_ONE)
        if not administrator and set(administrators) == {person.pk}:
            raise AdministratorRefused(AdministratorRefusal.LAST)
        for row in AdministratorChange.objects.filter(person=person, ended_at=None):
            _end(row, Outcome.STOPPED)
        _set(person, administrator, None)


def _locked() -> dict[int, User]:
    """Lock and return the administrators, so that two changes at the same time cannot leave the site without any."""
    rows = User.objects.select_for_update(no_key=True).filter(is_superuser=True, is_active=True)
    return {row.pk: row for row in rows.order_by("pk")}


def _set(person: User, administrator: bool, by: User | None) -> None:
    User.objects.filter(pk=person.pk).update(is_superuser=administrator, is_staff=administrator)
    verb = Verb.ADMIN_NAMED if administrator else Verb.ADMIN_REMOVED
    recording.record(by, verb, "account", person.key, purpose=Purpose.ADMINISTRATION)


def _end(row: AdministratorChange, outcome: AdministratorChange.Outcome) -> None:
    row.ended_at, row.outcome, row.email = timezone.now(), outcome, ""
    row.save(update_fields=["ended_at", "outcome", "email"])


def _note(by: User, verb: Verb, row: AdministratorChange, **details: Any) -> None:
    recording.record(by, verb, "administrators", row.pk, purpose=Purpose.ADMINISTRATION, details=details)
