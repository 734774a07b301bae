"""Applications of associations: asking, and the answer of a coordinator.

Anybody can apply, so nothing is sent to the given address before a person has answered, and the number of applications
is limited.
"""

import logging
import smtplib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.text import slugify
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from solidarity.lib import rate_counters
from volunteers.enums import Role, Topic
from volunteers.models import Application, Association, Membership, Territory, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.associations import invitations
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb
from volunteers.people.notifications.notifying import Message, notify
from volunteers.places.territories import duties, work_areas

log = logging.getLogger(__name__)

PER_NETWORK_DAY = 5
PER_DAY = 40
MOST_WAITING = 100


class TooMany(Exception):
    """Too many applications came from this network or came today, or too many wait for an answer."""


@dataclass(frozen=True, slots=True)
class ApplicationDraft:
    """An application as it was written. language: the language of the answer."""

    name: str
    website: str
    about: str
    territory: Territory
    person: str
    email: str
    language: str


def apply(draft: ApplicationDraft, network: str) -> None:
    """Store an application and notify the coordinators, at most once a day in each territory. Raise TooMany.

    While an application waits, another one with the same address changes nothing and gets the same page, so that nobody
    learns which addresses applied. network: see client_network.network_of.
    """
    now = timezone.now()
    _check_limits(network)
    row = Application(
        name=draft.name, website=draft.website, about=draft.about, territory=draft.territory, person=draft.person,
        email=draft.email.strip().lower(), language=draft.language, asked_at=now,
    )  # fmt: skip
    with transaction.atomic():
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            return
        people = duties.coordinators_of(draft.territory)
        notify(people, Topic.DESK, f"applied:{draft.territory.pk}:{timezone.localdate(now)}", _applied)


def _check_limits(network: str) -> None:
    """Raise TooMany. If the cache does not answer, only the limits for the whole site apply, because these are counted
    in the table."""
    recent = Application.objects.filter(asked_at__gt=timezone.now() - timedelta(days=1)).count()
    if recent >= PER_DAY or Application.objects.waiting().count() >= MOST_WAITING:
        raise TooMany
    try:
        key = rate_counters.counter_key("applications", network)
        if rate_counters.count(key, rate_counters.DAY) > PER_NETWORK_DAY:
            raise TooMany
    except (RedisError, OSError):
        log.warning("the cache is unavailable: applications have no limit for each network")


def _applied() -> Message:
    return Message(
        _("An association asks to work here"), _("Read the application, and accept or decline it."),
        reverse("applications:applications"),
    )  # fmt: skip


def waiting_for(viewer: Viewer) -> QuerySet[Application]:
    """Return the applications that the viewer may answer, for territories that the viewer coordinates."""
    territories = Territory.objects.coordinated_by(viewer)
    return Application.objects.waiting().filter(territory__in=territories).select_related("territory")


def without_members(viewer: Viewer) -> QuerySet[Application]:
    """Return the accepted applications whose association still has no dispatcher, if the viewer may answer them."""
    staffed = Membership.objects.dispatching().values("association")
    territories = Territory.objects.coordinated_by(viewer)
    accepted = Application.objects.filter(accepted=True, territory__in=territories).exclude(association=None)
    return accepted.exclude(association__in=staffed).select_related("territory", "association").order_by("answered_at")


def invite_again(row: Application, by: User) -> bool:
    """Send the first invitation of an association again, with a new link; return False if sending fails.

    Look the application up in :func:`without_members` first, because access is not checked here.
    """
    assert row.association is not None
    invitation = invitations.invite(row.association, row.email, Role.DISPATCHER, by)
    with translation.override(row.language or None):
        return invitations.send(invitation, row.word)


def answer(application: uuid.UUID, by: User, *, accept: bool, word: str = "") -> Application | None:
    """Accept or decline an application; return None if somebody has already answered.

    Accepting creates the association and invites the person who applied as its first dispatcher. Look the application
    up in :func:`waiting_for` first, because access is not checked here.
    """
    with transaction.atomic():
        open_rows = Application.objects.waiting().order_by().filter(pk=application)
        values = {"accepted": accept, "answered_by": by, "answered_at": timezone.now(), "word": word.strip()}
        if not open_rows.update(**values):
            return None
        row = Application.objects.select_related("territory").get(pk=application)
        if accept:
            row.association = Association.objects.create(
                name=row.name, slug=free_slug(row.name), website=row.website, about=row.about[:500]
            )
            row.save(update_fields=["association"])
            work_areas.invite(row.association, [row.territory], by)
            invitation = invitations.invite(row.association, row.email, Role.DISPATCHER, by)
            transaction.on_commit(
                lambda: _in_language(row, lambda: invitations.send(invitation, row.word)), robust=True
            )
        else:
            transaction.on_commit(lambda: _in_language(row, lambda: _decline(row)), robust=True)
        recording.record(
            by, Verb.APPLICATION_ANSWERED, "application", row.pk, purpose=Purpose.ADMINISTRATION,
            scope=row.territory.slug, details={"accepted": accept},
        )  # fmt: skip
    return row


def free_slug(name: str) -> str:
    """Return a short name that no association has yet."""
    base = slugify(name)[:50] or "association"
    taken = set(Association.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    number = 1
    slug = base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug


def _in_language(row: Application, send: Callable[[], object]) -> None:
    with translation.override(row.language or None):
        send()


def _decline(row: Application) -> None:
    text = _("Thank you for the application of %(name)s. A coordinator of %(territory)s has declined it.") % {
        "name": row.name,
        "territory": row.territory.name,
    }
    if row.word:
        text = f"{text}\n\n{_('They write:')}\n{row.word}"
    title = _("Your application was declined")
    try:
        EmailMessage(title, f"{text}\n", to=[row.email], headers={"Auto-Submitted": "auto-generated"}).send()
    except (smtplib.SMTPException, OSError) as error:
        log.warning("the answer to an application could not be sent: %s", type(error).__name__)
