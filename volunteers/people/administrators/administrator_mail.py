"""Mails about changes of administrators. They contain no name; the page shows who it is."""

import logging
from collections.abc import Callable

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from solidarity.lib.publisher import publisher
from volunteers.models import AdministratorChange, User
from volunteers.people.administrators import administrators
from volunteers.people.notifications import mail
from volunteers.people.notifications.delivery import NotDelivered, Undeliverable
from volunteers.people.notifications.notifying import language_of
from volunteers.people.notifications.preferences import chosen_by

log = logging.getLogger(__name__)
Kind, Outcome = AdministratorChange.Kind, AdministratorChange.Outcome


def send_invitation(change: AdministratorChange) -> bool:
    """Send the link in the active language; return False if sending fails."""
    context = {
        "change": change,
        "address": settings.SITE_URL + reverse("people:join_administrators", args=[administrators.token_of(change)]),
        "days": administrators.GOOD_FOR.days,
        "site": settings.SITE_URL,
        "publisher": publisher(),
    }
    text = render_to_string("volunteers/people/administrator_invitation.txt", context)
    return _post(_("You are invited to administer a site of Solidarity"), text, change.email)


def run() -> int:
    """Tell people about accepted changes, and carry out the changes that are due; return how many took effect.

    The time to object begins when every mail has left. A mail that fails is sent again in the next run.
    """
    done = 0
    for change in AdministratorChange.objects.filter(ended_at=None, told_at=None).exclude(accepted_at=None):
        if _tell(change, _coming(change)):
            AdministratorChange.objects.filter(pk=change.pk, told_at=None).update(told_at=timezone.now())
    for change in AdministratorChange.objects.due(timezone.now()).select_related("person", "by"):
        people = _people(change)
        if administrators.carry_out(change, timezone.now()):
            done += 1
            _tell(change, lambda: _("The change of administrators has taken effect."), people)
    return done


def tell_invited(change: AdministratorChange) -> None:
    """Tell the administrators that somebody was invited."""
    _tell(change, lambda: _("Somebody is invited to become an administrator."))


def tell_stopped(change: AdministratorChange) -> None:
    """Tell the administrators and the person that a change was stopped."""
    _tell(change, lambda: _("The change of administrators was stopped. Everything stays as it was."))


def tell_server(person: User) -> None:
    """Tell the administrators and the person about a change that was made on the server."""
    change = AdministratorChange(person=person)
    _tell(change, lambda: _("An administrator was named or removed by a command on the server."))


def _coming(change: AdministratorChange) -> Callable[[], str]:
    return {
        Kind.NAMED: lambda: _("In 24 hours, one more person becomes an administrator."),
        Kind.HANDED_OVER: lambda: _("In 24 hours, another person becomes an administrator and one of you stops."),
        Kind.REMOVED: lambda: _("In 24 hours, one of the administrators is removed."),
    }[Kind(change.kind)]


def _people(change: AdministratorChange) -> list[User]:
    """Return the administrators and the person whom a change is about."""
    concerned = Q(is_superuser=True, is_active=True) | Q(pk=change.person_id, is_active=True)
    return list(User.objects.filter(concerned).order_by("pk"))


def _tell(change: AdministratorChange, words: Callable[[], str], people: list[User] | None = None) -> bool:
    """Send a mail to each person in their language; return whether all of them have left. An address that refuses mail
    does not hold up the others."""
    for person in people or _people(change):
        with translation.override(language_of(chosen_by(person))):
            page = settings.SITE_URL + reverse("people:administrators")
            look = _("If you did not expect this, sign in and stop it: %(page)s") % {"page": page}
            text = f"{words()}\n\n{look}\n" if person.is_administrator else f"{words()}\n"
            title = _("Administrators of %(site)s") % {"site": settings.SITE_URL}
            if not _post(title, text, person.email):
                return False
    return True


def _post(title: str, text: str, address: str) -> bool:
    try:
        mail.post(EmailMessage(title, text, to=[address], headers={"Auto-Submitted": "auto-generated"}))
    except Undeliverable as refusal:
        log.warning("an address is refused: %s", refusal.reason)
    except NotDelivered as refusal:
        log.error("a mail about the administrators could not be sent: %s", refusal.reason)
        return False
    return True
