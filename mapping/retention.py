"""What the map's side of retention forgets, and what it keeps (privacy.md, "Retention")."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mapping.models import FieldNote, Override
from needs.retention.registry import Due, Fade, keeps, register


def _reasons(now: datetime) -> Sequence[Due]:
    limit = now - timedelta(days=settings.FREE_TEXT_DAYS)
    # While an override is shown, so is its reason.
    old = Override.objects.filter(filed_at__lt=limit, expires_at__lt=now)
    return [(old.filter(~Q(reason="") | ~Q(extended_reason="")), {"reason": "", "extended_reason": ""})]


def _notes(now: datetime) -> Sequence[Due]:
    return [(FieldNote.objects.exclude(pk__in=FieldNote.objects.current(now).values("pk")), None)]


register(
    Fade("contests", _("Reasons of contests are deleted, but not while the contest is shown."), "FREE_TEXT_DAYS",
         ("mapping.Override.reason", "mapping.Override.extended_reason"), _reasons),
    Fade("notes", _("Field notes are deleted when they expire or are taken away."), "", ("mapping.FieldNote.text",),
         _notes),
)  # fmt: skip

_NO_PERSON = "about a territory, not about a person"

keeps(
    {
        "mapping.Territory": _NO_PERSON,
        "mapping.Assignment.purpose": "a coordinator's stated purpose (privacy.md, “Who sees what”)",
        "mapping.Parameters": _NO_PERSON,
        "mapping.Evidence": "pseudonyms alone; goes with its report (rule “reports”)",
        "mapping.Override.content_hash": "a keyed hash, which says nothing without the key; goes with its row",
        "mapping.Zone.shape": "a status of many cells of resolution 9 or 8",
        "mapping.ParentCell.outline": "cells of resolution 8 and 7",
        "mapping.ColdPlan.reason": _NO_PERSON,
        "mapping.ColdTrigger.key_hash": "a hash of a webhook's key",
        "mapping.ZoneReport.payload": "counts of a territory; points are at resolution 9",
        "mapping.Export.error": "one of four sentences; files are deleted after a week by drop_old_exports",
    }
)
