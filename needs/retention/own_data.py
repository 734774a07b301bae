"""Everything that is held about a person, as a file for them: data.json, photos and voice notes in a zip (privacy.md, "Retention").

What belongs to an account is found by its links: every row of every table that names the account, whoever adds a table.
"""

import io
import json
import uuid
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.contrib.gis.geos import GEOSGeometry
from django.db import models
from django.utils import timezone

from needs.enums import Side
from needs.models import Feedback, Need, NeedPhoto, RelayedMessage, VoiceNote
from solidarity.lib import field_encryption
from volunteers.models import AuditEntry, User

SECRET = frozenset(
    {
        "volunteers.User.password",
        "volunteers.ApiToken.digest",
        "volunteers.PushSubscription.auth",
        "volunteers.PushSubscription.p256dh",
        "mfa.Authenticator.data",
        "usersessions.UserSession.session_key",
        "needs.Need.follow_hash",
        "needs.Need.source",
    }
)
"""Keys and what could serve as one: of no use to their owner, a danger in a file that lies about."""

HELD_ASIDE = frozenset({"admin.LogEntry"})
"""Tables whose rows are told elsewhere: what administrators change stands in the audit log."""

_HIDDEN_LINKS = frozenset({"volunteers.User", "volunteers.Association", "volunteers.Territory"})


def links_to_accounts() -> Iterator[tuple[type[models.Model], Any]]:
    """(table, column) of every link to an account."""
    for model in apps.get_models():
        if model._meta.label in HELD_ASIDE or model._meta.proxy:
            continue
        for field in model._meta.concrete_fields:
            if field.is_relation and field.related_model is User:
                yield model, field


def of_account(user: User) -> dict[str, Any]:
    """All rows that name the account, by table and by what it is in them ("author", "volunteer")."""
    found: dict[str, Any] = {
        "made_at": timezone.now().isoformat(timespec="seconds"),
        "account": _row(user),
        "audit_log": list(
            AuditEntry.objects.filter(actor=user.key).order_by("seq").values("at", "verb", "kind", "purpose", "details")
        ),
    }
    for model, field in links_to_accounts():
        rows = model._default_manager.filter(**{field.name: user}).order_by("pk")
        told = [_row(row) for row in rows]
        if told:
            found.setdefault(model._meta.label, {})[field.name] = told
    windows = apps.get_model("volunteers", "Window").objects.filter(profile__user=user)
    found["volunteers.Window"] = [_row(row) for row in windows]
    own = Need.objects.filter(author=user).values_list("pk", flat=True)
    found["needs_filed"] = [of_need(need) for need in Need.objects.filter(pk__in=own)]
    said = RelayedMessage.objects.filter(commitment__volunteer=user, side=Side.VOLUNTEER)
    found["messages_written"] = [{"at": each.at, "text": each.text} for each in said]
    words = Feedback.objects.filter(commitment__volunteer=user, side=Side.VOLUNTEER)
    found["feedback_given"] = [{"at": each.at, "went": each.went, "text": each.text} for each in words]
    return found


def of_need(need: Need) -> dict[str, Any]:
    """What is held about one report: the report, what became of it, what its reporter wrote."""
    return {
        "report": _row(need),
        "steps": [{"at": each.at, "state": each.state, "by_reporter": each.by_reporter} for each in need.steps.all()],
        "photos": [f"photos/{photo.pk}.jpg" for photo in need.photos.all()],
        "messages": [
            {"at": each.at, "side": each.side, "text": each.text}
            for each in RelayedMessage.objects.filter(commitment__need=need)
        ],
        "feedback": [
            {"at": each.at, "went": each.went, "unsafe": each.unsafe, "text": each.text}
            for each in Feedback.objects.filter(commitment__need=need, side=Side.REPORTER)
        ],
        "calls": [{"at": each.at, "result": each.result} for each in need.calls.all()],
    }


def account_file(user: User) -> io.BytesIO:
    """The zip of an account."""
    spoken = VoiceNote.objects.filter(encounter__author=user)
    return _zipped(of_account(user), NeedPhoto.objects.filter(need__author=user), spoken)


def need_file(need: Need) -> io.BytesIO:
    """The zip of one report, for whoever has its private link."""
    return _zipped(of_need(need), need.photos.all())


def _zipped(told: dict[str, Any], photos: Iterable[NeedPhoto], spoken: Iterable[VoiceNote] = ()) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(told, indent=1, ensure_ascii=False, default=_plain))
        for photo in photos:
            with photo.image.open() as file:
                archive.writestr(f"photos/{photo.pk}.jpg", file.read())
        for note in spoken:
            with note.sound.open() as file:
                archive.writestr(f"voice/{note.encounter_id}-{note.pk}.ogg", file.read())
    out.seek(0)
    return out


def _row(row: models.Model) -> dict[str, Any]:
    """A row's own columns, without keys; encrypted ones in clear; links as ids, or by name where the name says more."""
    told: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        if f"{row._meta.label}.{field.name}" in SECRET:
            continue
        linked: Any = field.related_model
        if linked is not None and linked._meta.label in _HIDDEN_LINKS:
            if linked is not User:
                told[field.name] = str(getattr(row, field.name) or "") or None
            continue
        value = getattr(row, field.attname)
        if isinstance(field, models.BinaryField):
            value = field_encryption.decrypt(value) if value else None
        told[field.name] = value
    return told


def _plain(value: Any) -> Any:
    if isinstance(value, GEOSGeometry):
        return json.loads(value.geojson)
    if isinstance(value, uuid.UUID):
        return str(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return str(value)
