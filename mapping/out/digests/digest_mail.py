"""The mail of a digest: plain text beside HTML, in the reader's language, with one click to stop it (RFC 8058)."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mapping.models import Digest
from mapping.out.digests.digest_content import sections_for
from solidarity.lib import bounced_mail
from solidarity.lib.publisher import publisher
from volunteers.enums import DigestRhythm, Medium, Topic
from volunteers.people.notifications.mail import MailWithAddresses
from volunteers.people.notifications.notifying import language_of
from volunteers.people.notifications.sending import settings_of
from volunteers.people.notifications.unsubscribing import stop_token

LENGTHS = {DigestRhythm.DAY: timedelta(days=1), DigestRhythm.WEEK: timedelta(days=7)}


def compose(row: Digest, now: datetime) -> EmailMessage | None:
    """Return the mail of a digest, or None if there is nothing to say."""
    language, rhythm = language_of(settings_of(row)), DigestRhythm(row.rhythm)
    stop = settings.SITE_URL + reverse("volunteers:stop_notifications", args=[_token(row)])
    with translation.override(language):
        sections = sections_for(row.user, LENGTHS[rhythm], now)
        if not sections:
            return None
        title = _("News near you: %(day)s") % {"day": date_format(timezone.localtime(now), "DATE_FORMAT")}
        context = {
            "title": title,
            "sections": sections,
            "language": language,
            "direction": "rtl" if translation.get_language_bidi() else "ltr",
            "rhythm": rhythm.label,
            "site": settings.SITE_URL,
            "settings_address": settings.SITE_URL + reverse("volunteers:notifications"),
            "stop": stop,
            "publisher": publisher(),
        }
        text = render_to_string("mapping/digests/digest_mail.txt", context)
        html = render_to_string("mapping/digests/digest_mail.html", context)
    headers = {
        "Auto-Submitted": "auto-generated",
        "List-Unsubscribe": f"<{stop}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Message-ID": bounced_mail.message_id(bounced_mail.ACCOUNT, row.user.key, number=row.pk),
    }
    made = MailWithAddresses(title, text, to=[row.user.email], headers=headers)
    made.attach_alternative(html, "text/html")
    bounced_mail.bounce_to_us(made)
    return made


def _token(row: Digest) -> str:
    return stop_token(row.user, Topic.DIGEST, Medium.EMAIL)
