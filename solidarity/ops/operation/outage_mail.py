"""Mails to administrators: once when a part stays red, and once when it is green again.

The scheduler runs :func:`watch` every minute. If the scheduler or the worker is dead, no mail can be sent; the
readiness page then reports this to an external monitor.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from solidarity.ops.operation import probe_words, probes
from solidarity.ops.operation.models import RedPart
from solidarity.ops.operation.probes import Reading, State
from volunteers.models import User
from volunteers.people.notifications import mail
from volunteers.people.notifications.delivery import NotDelivered, Undeliverable
from volunteers.people.notifications.notifying import language_of
from volunteers.people.notifications.preferences import chosen_by

log = logging.getLogger(__name__)


def watch(now: datetime | None = None) -> int:
    """Note which parts are red, and send the mails that are due; return how many mails were delivered.

    If the state of a part is unknown, its stored state does not change. A mail that nobody could get is tried again in
    the next run.
    """
    moment = now or timezone.now()
    readings = probes.read((*probes.ESSENTIAL, *probes.OTHERS))
    _note(readings, moment)
    return _tell_red(readings, moment) + _tell_green(readings)


def _note(readings: list[Reading], now: datetime) -> None:
    """Store newly red parts; drop green parts about which no mail was sent."""
    red = [reading.part for reading in readings if reading.state is State.RED]
    RedPart.objects.bulk_create([RedPart(part=part, since=now) for part in red], ignore_conflicts=True)
    RedPart.objects.filter(part__in=_green(readings), told_at=None).delete()


def _tell_red(readings: list[Reading], now: datetime) -> int:
    minutes = settings.OUTAGE_MINUTES
    if not minutes:
        return 0
    due = RedPart.objects.filter(told_at=None, since__lte=now - timedelta(minutes=minutes))
    parts = set(due.values_list("part", flat=True))
    about = [reading for reading in readings if reading.part in parts and reading.state is State.RED]
    if not about:
        return 0
    sent = _send(lambda: (_("Something on this site does not work"), _red_text(about)))
    if sent:
        due.filter(part__in=[reading.part for reading in about]).update(told_at=now)
    return sent


def _tell_green(readings: list[Reading]) -> int:
    over = RedPart.objects.filter(part__in=_green(readings)).exclude(told_at=None)
    parts = list(over.order_by("part").values_list("part", flat=True))
    if not parts:
        return 0
    sent = _send(lambda: (_("This site works again"), _green_text(parts)))
    if sent:
        over.filter(part__in=parts).delete()
    return sent


def _green(readings: list[Reading]) -> list[str]:
    return [reading.part for reading in readings if reading.state in (State.OK, State.OFF, State.PENDING)]


def _red_text(about: list[Reading]) -> str:
    return "\n\n".join(f"{line.title}\n{line.detail}\n{line.cure}" for line in probe_words.lines(about))


def _green_text(parts: list[str]) -> str:
    return "\n".join(_("%(part)s: works again.") % {"part": probe_words.title_of(part)} for part in parts)


def _send(words: Callable[[], tuple[str, str]]) -> int:
    """Send a mail to every administrator, in their language; return how many were delivered. Stop at the first failure
    of the mail server, because the other mails would fail as well."""
    sent = 0
    for person in User.objects.filter(is_superuser=True, is_active=True).order_by("pk"):
        with translation.override(language_of(chosen_by(person))):
            title, text = words()
            page = _("What runs, and what to do:") + f" {settings.SITE_URL}{reverse('operation:what_runs')}"
        headers = {"Auto-Submitted": "auto-generated"}
        try:
            mail.post(EmailMessage(f"Solidarity: {title}", f"{text}\n\n{page}\n", to=[person.email], headers=headers))
            sent += 1
        except Undeliverable as refusal:
            log.warning("an administrator's address is refused: %s", refusal.reason)
        except NotDelivered as refusal:
            log.error("the mail about what runs could not be sent: %s", refusal.reason)
            break
    return sent
