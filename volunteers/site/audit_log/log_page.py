"""The audit log as coordinators read it: filters and entries. The entries show names of people but no places."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from volunteers.models import Territory, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.audit.models import AuditEntry, AuditQuerySet
from volunteers.people.audit.recording import digest_of
from volunteers.people.audit.verbs import Verb

PAGE_SIZE = 50
PERIODS = {"1": gettext_lazy("last 24 hours"), "7": gettext_lazy("last 7 days"), "30": gettext_lazy("last 30 days"),
           "": gettext_lazy("at any time")}  # fmt: skip
KINDS = ("need", "export", "report", "crisis", "token", "account", "membership", "photo", "parameters",
         "territory", "import")  # fmt: skip


class AuditFilter(forms.Form):
    """The filter. object: the id of a need, an export or another object, as its URL contains it."""

    verb = forms.ChoiceField(
        label=gettext_lazy("What"), required=False, choices=[("", gettext_lazy("everything")), *Verb.choices]
    )
    days = forms.ChoiceField(label=gettext_lazy("When"), required=False, choices=list(PERIODS.items()))
    who = forms.CharField(
        label=gettext_lazy("Who"), required=False, max_length=80,
        help_text=gettext_lazy("Part of the name that the team sees."),
    )  # fmt: skip
    object = forms.CharField(
        label=gettext_lazy("About"), required=False, max_length=60,
        help_text=gettext_lazy("The number of a need, a report or a file, as in its link."),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """An entry on the page. who: name of the person who acted; empty for the platform itself."""

    entry: AuditEntry
    who: str
    scope: str
    details: str


def readable_by(viewer: Viewer) -> AuditQuerySet:
    """Return the entries about the viewer's territories and the platform, and the viewer's own entries; for
    administrators, return all."""
    if viewer.is_administrator:
        return AuditEntry.objects.all()
    return AuditEntry.objects.readable_in(
        Territory.objects.coordinated_by(viewer).values("slug"), viewer.user_or_404.key
    )


def found(viewer: Viewer, said: dict[str, str], now: datetime | None = None) -> AuditQuerySet:
    """Return the entries that match a filter, newest first."""
    entries = readable_by(viewer)
    if said.get("verb"):
        entries = entries.filter(verb=said["verb"])
    if said.get("days"):
        entries = entries.filter(at__gte=(now or timezone.now()) - timedelta(days=int(said["days"])))
    if said.get("who"):
        entries = entries.filter(actor__in=User.objects.filter(display_name__icontains=said["who"]).values("key"))
    if said.get("object"):
        entries = entries.filter(object__in=[digest_of(kind, said["object"].strip().lower()) for kind in KINDS])
    return entries


def lines(entries: Iterable[AuditEntry]) -> list[Line]:
    """Return entries with names of people and territories."""
    rows = list(entries)
    names = dict(User.objects.filter(key__in={row.actor for row in rows}).values_list("key", "display_name"))
    scopes = dict(Territory.objects.filter(slug__in={row.scope for row in rows}).values_list("slug", "name"))
    return [
        Line(row, _who(row, names), scopes.get(row.scope, row.scope), _details(row.details)) for row in rows
    ]  # fmt: skip


def _who(row: AuditEntry, names: dict[Any, str]) -> str:
    if row.actor is None:
        return ""
    if row.actor not in names:
        return _("an erased account")
    return names[row.actor] or _("an account without a name")


def _details(details: dict[str, Any]) -> str:
    return ", ".join(f"{key}: {str(value).lower()}" for key, value in details.items())
