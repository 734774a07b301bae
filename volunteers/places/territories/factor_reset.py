"""Reset of a lost second factor by a coordinator. The person sets up a new one at their next sign-in."""

import logging
import smtplib
from collections.abc import Iterable

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from volunteers.enums import Duty
from volunteers.models import Assignment, Territory, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.associations.membership import end_sessions
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb
from volunteers.people.notifications.notifying import language_of
from volunteers.people.notifications.preferences import chosen_by

log = logging.getLogger(__name__)


def may_reset(viewer: Viewer, person: User) -> bool:
    """Whether a viewer may reset somebody's second factor.

    Viewers may reset the second factor of dispatchers in the territories that they coordinate. Viewers may reset the
    second factor of another coordinator only if they coordinate a territory above. Nobody may reset the second factor
    of administrators, of staff or of themselves.
    """
    if person == viewer.account or person.is_administrator or person.is_staff:
        return False
    coordinated = Territory.objects.coordinated_by(viewer)
    own = Assignment.objects.current().filter(user=person)
    if not own.filter(territory__in=coordinated).exclude(duty=Duty.VOLUNTEER).exists():
        return False
    above = coordinated if viewer.is_administrator else coordinated.filter(parent__in=coordinated.values("pk"))
    return bool(not own.coordinating().exclude(territory__in=above).exists())


def has_factor(person: User) -> bool:
    """Whether a person has a second factor that can be reset."""
    return bool(Authenticator.objects.filter(user=person).exists())


def with_factor(people: Iterable[User]) -> set[int]:
    """Return the primary keys of the people who have a second factor."""
    return set(Authenticator.objects.filter(user__in=list(people)).values_list("user", flat=True))


def reset(person: User, by: User) -> bool:
    """Remove a person's second factors and sign the person out everywhere; return False if they have no second factor.

    Check :func:`may_reset` first.
    """
    with transaction.atomic():
        removed, _rows = Authenticator.objects.filter(user=person).delete()
        if not removed:
            return False
        sessions = end_sessions(person)
        recording.record(
            by, Verb.FACTOR_RESET, "account", person.key, purpose=Purpose.ADMINISTRATION, scope=_scope_of(person),
            details={"factors": removed, "sessions": sessions},
        )  # fmt: skip
        transaction.on_commit(lambda: _tell(person))
    return True


def _scope_of(person: User) -> str:
    first = Assignment.objects.current().filter(user=person).select_related("territory").first()
    return first.territory.slug if first else ""


def _tell(person: User) -> None:
    """Notify the person even if they switched notifications off, because the reset may have been requested by somebody
    else."""
    with translation.override(language_of(chosen_by(person))):
        title = _("Your second factor was reset")
        text = _(
            "A coordinator has reset the second factor of your account, and you are signed out everywhere. At your next "
            "sign-in you set up a new one. If you did not ask for this, change your password and tell an administrator."
        )
        text = f"{text}\n\n{settings.SITE_URL}{reverse('account_login')}\n"
    try:
        EmailMessage(title, text, to=[person.email], headers={"Auto-Submitted": "auto-generated"}).send()
    except (smtplib.SMTPException, OSError) as error:
        log.warning("the message about a reset factor could not be sent: %s", type(error).__name__)
