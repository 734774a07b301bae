"""Recipients of a scheduled report: reading the list that people write, storing it, its limits, and the signed link
that stops the mails."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from redis.exceptions import RedisError

from mapping.models import ReportSchedule, ScheduleRecipient, StoppedMailbox
from needs.help.following.link_limits import mailbox_of
from solidarity.lib.field_encryption import decrypt, encrypt
from solidarity.lib.rate_counters import DAY, count, counter_key
from volunteers.models import Territory, User
from volunteers.people.accounts.models import one_line
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories import duties

MOST = 10  # per schedule
NEW_PER_DAY = 20  # number of mailboxes that one person may add in a day, in all schedules together
MAILS_PER_DAY = 8  # maximum number of mails a day to one mailbox, from all schedules
LONGEST_NAME = 80
_SALT = "mapping.scheduled_reports"
_LINE = re.compile(r"^(?P<name>[^@]*?)[\s<(\[,;:]*(?P<address>[^\s<>()\[\],;:]+@[^\s<>()\[\],;:]+)[>)\]\s,;]*$")
_LINK = re.compile(r"://|\bwww\.|\b[\w-]+\.[a-z]{2,}\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Person:
    """A name and an address, as somebody wrote them; user: the account, for a link."""

    name: str
    address: str
    user: User | None = None

    @property
    def digest(self) -> str:
        return digest_of(self.address)


class UnreadableLine(ValueError):
    """A line of the list that is not a name with an address. number: number of the line, from 1. problem: the part that
    cannot be read: "address", "name" or "link"."""

    def __init__(self, number: int, problem: str) -> None:
        super().__init__(problem)
        self.number, self.problem = number, problem


class TooManyNew(Exception):
    """The person has added NEW_PER_DAY mailboxes today, or the counters cannot be reached."""


def digest_of(address: str) -> str:
    """Return the keyed hash of a mailbox; the hash is the same for all spellings of the address."""
    return salted_hmac(_SALT, mailbox_of(address), algorithm="sha256").hexdigest()


def read_list(text: str) -> list[Person]:
    """Return the people of a list with one person per line, such as "Ana Silva <ana@example.org>". Raise
    UnreadableLine."""
    found: dict[str, Person] = {}
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        if line.strip():
            person = _read(number, line.strip())
            found.setdefault(person.digest, person)
    return list(found.values())


def _read(number: int, line: str) -> Person:
    match = _LINE.match(line)
    if match is None:
        raise UnreadableLine(number, "address")
    name, address = match["name"].strip(" \t\"'<,;:"), match["address"]
    for check, text, problem in ((validate_email, address, "address"), (one_line, name, "name")):
        try:
            check(text)
        except ValidationError:
            raise UnreadableLine(number, problem) from None
    if not name or len(name) > LONGEST_NAME:
        raise UnreadableLine(number, "name")
    if _LINK.search(name):  # the mail contains the name, so the name must not advertise a site
        raise UnreadableLine(number, "link")
    return Person(name, address.lower())


def may_open(user: User, territory: Territory) -> bool:
    """Whether an account may open the full report of a territory and export its reports."""
    coordinated = Territory.objects.coordinated_by(Viewer(user))
    return user.is_active and coordinated.filter(pk=territory.pk).exists()


def accounts_of(territory: Territory) -> list[User]:
    """Return the accounts that may open the full report of a territory, by name."""
    return sorted(duties.coordinators_of(territory), key=str)


def stopped(people: Sequence[Person]) -> list[Person]:
    """Return the people, among the given ones, who stopped a scheduled report and have not allowed it again."""
    known = set(StoppedMailbox.objects.filter(digest__in=[each.digest for each in people]).values_list("pk", flat=True))
    return [each for each in people if each.digest in known]


def keep(schedule: ReportSchedule, people: Sequence[Person], by: User) -> None:
    """Replace the recipients of a schedule by a list, in the caller's transaction. People who stopped the mails still
    do not get them. Raise TooManyNew."""
    own = {row.digest: row for row in schedule.recipients.all()}
    new = [each for each in people if each.digest not in own]
    if new and not _may_add(by, len(new)):
        raise TooManyNew
    wanted = {each.digest: each for each in people}
    schedule.recipients.filter(stopped_at=None).exclude(digest__in=wanted).delete()
    for digest, person in wanted.items():
        ScheduleRecipient.objects.update_or_create(
            schedule=schedule, digest=digest,
            defaults={"name": person.name, "user": person.user},
            create_defaults={"name": person.name, "user": person.user, "address": encrypt(person.address)},
        )  # fmt: skip


def _may_add(by: User, number: int) -> bool:
    try:
        key = counter_key("report-recipients", str(by.pk))
        return max(count(key, DAY) for _each in range(number)) <= NEW_PER_DAY
    except (RedisError, OSError):
        return False


def shown(schedule: ReportSchedule) -> list[tuple[ScheduleRecipient, str]]:
    """Return the recipients with their addresses; "" for an address that is deleted."""
    return [(row, (decrypt(row.address) if row.address else None) or "") for row in schedule.recipients.all()]


def as_list(schedule: ReportSchedule) -> str:
    """Return the people who get the mails, one per line, as the form shows them."""
    return "\n".join(f"{row.name} <{address}>" for row, address in shown(schedule) if row.stopped_at is None)


def may_mail(digest: str) -> bool:
    """Count one mail to a mailbox, and return whether it may be sent. Raise RedisError or OSError."""
    return count(counter_key("report-mails", digest), DAY) <= MAILS_PER_DAY


# --- stopping ------------------------------------------------------------------------------------------------------


def stop_token(recipient: ScheduleRecipient) -> str:
    """Return the signed token of a recipient's link. It contains no address."""
    return signing.dumps(recipient.pk.hex, salt=_SALT)


def read_stop(token: str) -> ScheduleRecipient | None:
    """Return the recipient of a link; None if the link is invalid or the recipient is deleted. Links do not expire."""
    try:
        key = uuid.UUID(hex=signing.loads(token, salt=_SALT))
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        return None
    return ScheduleRecipient.objects.select_related("schedule__territory", "schedule__author").filter(pk=key).first()


def stop(recipient: ScheduleRecipient) -> None:
    """Stop the mails of one schedule to one person. After that, nobody can add the mailbox to another schedule.
    Idempotent."""
    with transaction.atomic():
        ScheduleRecipient.objects.filter(pk=recipient.pk, stopped_at=None).update(stopped_at=timezone.now())
        StoppedMailbox.objects.get_or_create(digest=recipient.digest)


def allow_again(recipient: ScheduleRecipient) -> bool:
    """Send the mails again; return False if the address is deleted. Idempotent."""
    with transaction.atomic():
        again = ScheduleRecipient.objects.filter(pk=recipient.pk).exclude(address=None).update(stopped_at=None)
        StoppedMailbox.objects.filter(digest=recipient.digest).delete()
    return bool(again)


def addresses_to_delete(now: datetime) -> Q:
    """Return the filter of recipients whose address must be deleted: the recipient stopped the mails CONTACT_DAYS
    ago."""
    return Q(stopped_at__lt=now - timedelta(days=settings.CONTACT_DAYS)) & ~Q(address=None)
