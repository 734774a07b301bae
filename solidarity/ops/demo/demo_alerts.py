"""Alerts and notifications of the demonstration's dispatcher and volunteer."""

from collections.abc import Mapping
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from needs.base.need_filters.need_filters import SearchQuery
from needs.help.saved_searches import alerts
from volunteers.enums import Topic
from volunteers.models import Notification, User
from volunteers.people.notifications.notifying import Message, notify

STATION = (48.8809, 2.3553)
METRES = 1500
_KEY = "demo:"


def enter(logins: Mapping[str, int], until: datetime) -> None:
    """Store the alerts and the notifications, marked as sent so that no mail is sent. Safe to repeat."""
    people = {role: User.objects.get(pk=logins[role]) for role in ("dispatcher", "volunteer")}
    around = alerts.circle(*STATION, METRES)
    blankets = SearchQuery(kinds=("blanket", "tent", "shelter"))
    found = alerts.save_alert(people["dispatcher"], alerts.Wanted("Abri autour de la gare du Nord", blankets, around))
    alerts.save_alert(people["volunteer"], alerts.Wanted("Autour de la gare du Nord", SearchQuery(), around))
    notify([people["dispatcher"]], Topic.ALERT, f"{_KEY}alert", lambda: alerts.message_for(found.pk, 3, True))
    notify([people["volunteer"]], Topic.PROPOSAL, f"{_KEY}open", _welcome)
    Notification.objects.filter(key__startswith=_KEY, sent_at=None).update(sent_at=until, made_at=until)


def _welcome() -> Message:
    return Message(
        _("New open needs where you want to help"), _("See which of them you could take."), reverse("needs:open_needs")
    )
