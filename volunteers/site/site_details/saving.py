"""Reading and storing the choices about the site. Each change is in the audit log, without its content."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from solidarity.lib.http import kept_pages
from solidarity.lib.site import site_choices
from volunteers.models import SiteDetails, User
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb


def details() -> SiteDetails:
    """Return the stored choices, or empty ones."""
    return SiteDetails.objects.filter(pk=1).first() or SiteDetails()


def save(by: User, part: str, **values: Any) -> None:
    """Store some choices and leave the others as they are. part: the page from which they come, for the audit log."""
    with transaction.atomic():
        SiteDetails.objects.update_or_create(pk=1, defaults=values)
        _note(by, part)
        transaction.on_commit(site_choices.forget)
        kept_pages.renew()
    site_choices.forget()


def put_off(by: User, key: str, *, later: bool) -> None:
    """Take an item of the checklist off the home page, or put it back."""
    with transaction.atomic():
        row, _made = SiteDetails.objects.select_for_update().get_or_create(pk=1)
        row.later = sorted({*row.later, key} if later else {*row.later} - {key})
        row.save(update_fields=["later"])
        _note(by, "later")


def note_mail_test(*, works: bool) -> None:
    """Note whether the mail server accepted the last test mail."""
    SiteDetails.objects.update_or_create(pk=1, defaults={"mail_tested_at": timezone.now() if works else None})


def note_text_received() -> None:
    """Note that a text message came in, at most once a day."""
    now = timezone.now()
    row, made = SiteDetails.objects.get_or_create(pk=1, defaults={"text_received_at": now})
    if not made and (row.text_received_at is None or now - row.text_received_at > timedelta(days=1)):
        SiteDetails.objects.filter(pk=1).update(text_received_at=now)


def _note(by: User, part: str) -> None:
    recording.record(by, Verb.SITE_CHANGED, "site", 1, purpose=Purpose.ADMINISTRATION, details={"part": part})
