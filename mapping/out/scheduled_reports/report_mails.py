"""Sending the mails of scheduled reports. Only the external edition is ever attached; everything else is a link."""

import logging
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from mapping.enums import ScheduledContent
from mapping.models import ReportMail, ReportRun
from mapping.out.scheduled_reports import report_recipients, schedule_changes
from mapping.out.scheduled_reports.schedule_wording import when_words
from mapping.out.zone_reports.report_wording import period_words
from solidarity.lib.field_encryption import decrypt
from solidarity.lib.publisher import publisher
from volunteers.people.notifications import delivery, mail
from volunteers.people.notifications.delivery import NotDelivered, Undeliverable

log = logging.getLogger(__name__)

NO_COUNTERS = "no counters"  # the counters of mails are not available


def send_waiting(now: datetime) -> int:
    """Send all waiting mails; return the number sent. PDFs that no mail needs any more are deleted."""
    number = 0
    due = ReportMail.objects.select_related(
        "run__schedule__territory", "run__schedule__author", "recipient__user", "export"
    ).order_by("not_before", "pk")
    while rows := delivery.claim(due, now):
        number += sum(deliver(row) for row in rows)
    delivery.give_up_on_lost(ReportMail.objects.all(), now)
    waiting = ReportMail.objects.filter(sent_at=None, failed_at=None)
    ReportRun.objects.exclude(sent_at=None).exclude(pdf=None).exclude(pk__in=waiting.values("run")).update(pdf=None)
    return number


def deliver(row: ReportMail) -> bool:
    """Send a claimed mail and store the result; return whether it was sent."""
    try:
        mail.post(compose(row, _address(row)))
    except NotDelivered as refusal:
        return delivery.note(row, refusal)
    except Exception as error:
        log.error("the mail of a scheduled report failed with %s", type(error).__name__)
        return delivery.note(row, NotDelivered(type(error).__name__))
    return delivery.note(row, None)


def _address(row: ReportMail) -> str:
    """Return the address to which a mail may be sent now. Raise NotDelivered or Undeliverable."""
    schedule, recipient = row.run.schedule, row.recipient
    if schedule.halted:
        raise Undeliverable("paused")
    if not schedule_changes.may_send(schedule):
        raise Undeliverable("duty")
    address = decrypt(recipient.address) if recipient.address else None
    if recipient.stopped_at is not None or address is None:
        raise Undeliverable("stopped")
    if schedule.content != ScheduledContent.EXTERNAL and not (
        recipient.user and report_recipients.may_open(recipient.user, schedule.territory)
    ):
        raise Undeliverable("no access")
    try:
        uncounted = row.attempts == 1 or row.failure == NO_COUNTERS
        if uncounted and not report_recipients.may_mail(recipient.digest):
            raise Undeliverable("too many")
    except (RedisError, OSError):
        raise NotDelivered(NO_COUNTERS) from None
    return address


def compose(row: ReportMail, address: str) -> EmailMessage:
    """Compose the mail of a row. The mail says who set up the schedule, what it contains and how to stop it (RFC 8058),
    and contains the PDF or the link."""
    run, schedule = row.run, row.run.schedule
    stop = settings.SITE_URL + reverse("mapping:stop_report", args=[report_recipients.stop_token(row.recipient)])
    with translation.override(schedule.language):
        context = {
            "name": row.recipient.name,
            "territory": schedule.territory.name,
            "days": period_words(run.start, run.end),
            "link": _link(row),
            "author": schedule.author.display_name,
            "when": when_words(schedule.rhythm, schedule.day),
            "ends_on": schedule.ends_on,
            "site": settings.SITE_URL,
            "stop": stop,
        }
        text = render_to_string("mapping/scheduled_reports/report_mail.txt", context)
        subject = _("Report on %(territory)s: %(days)s") % {"territory": context["territory"], "days": context["days"]}
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">") or "localhost"
    headers = {
        "Auto-Submitted": "auto-generated",
        "List-Unsubscribe": f"<{stop}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Message-ID": f"<{row.pk}@{host}>",
    }
    reply_to = [publisher().email] if publisher().email else None
    message = mail.MailWithAddresses(" ".join(subject.split()), text, to=[address], headers=headers, reply_to=reply_to)
    if schedule.content == ScheduledContent.EXTERNAL:
        if run.pdf is None:
            raise Undeliverable("no file")
        name = f"solidarity-{schedule.territory.slug}-{run.start:%Y-%m-%d}-{run.end:%Y-%m-%d}.pdf"
        message.attach(name, bytes(run.pdf), "application/pdf")
    return message


def _link(row: ReportMail) -> str:
    """Return the address of the page that shows the report or the file, after a sign-in; "" for a PDF in the mail."""
    if row.run.schedule.content == ScheduledContent.INTERNAL and row.run.report_id:
        return settings.SITE_URL + reverse("mapping:report", args=[row.run.report_id])
    if row.run.schedule.content == ScheduledContent.ROWS and row.export_id:
        return settings.SITE_URL + reverse("mapping:export", args=[row.export_id])
    if row.run.schedule.content == ScheduledContent.EXTERNAL:
        return ""
    raise Undeliverable("no file")
