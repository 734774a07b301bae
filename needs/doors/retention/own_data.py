"""Export of a person's own data: a zip with data.json, photos and voice notes (docs/retention.md).

The data of an account are all rows in all tables that link to it. New tables are included automatically.
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

from needs.conversations.models import Speaker
from needs.enums import Side
from needs.help.reporter_pages import place_correcting
from needs.models import (
    ConditionNote,
    Correspondent,
    DangerAlarm,
    Feedback,
    ItemPhoto,
    Message,
    ModerationCase,
    Need,
    NeedPhoto,
    ReporterAddress,
    VoiceNote,
)
from solidarity.lib import field_encryption
from volunteers.enums import Medium
from volunteers.models import AuditEntry, User

SECRET = frozenset(
    {
        "volunteers.User.password",
        "volunteers.ApiToken.digest",
        "mapping.CalendarFeed.digest",
        "volunteers.PushSubscription.auth",
        "volunteers.PushSubscription.p256dh",
        "mfa.Authenticator.data",
        "usersessions.UserSession.session_key",
        "needs.Need.follow_hash",
        "needs.Need.source",
        "needs.Dialogue.draft",  # this is data of the person who wrote, not of the dispatcher
        "needs.Dialogue.guess",
        "needs.ContentReport.case",  # such a case is about somebody else's text
        "needs.Place.point",  # may contain the position of a refuge, which its editors may no longer see
        "needs.Place.cell",
        "needs.Place.region",
        "needs.Place.address",
    }
)
"""Columns with secrets. They are useless to their owner, and dangerous if somebody else opens the file."""

NOT_THEIRS = frozenset(
    {
        "needs.PersonBlock.blocked",  # because a blocked person is not told
        "needs.ModerationCase.author",  # of_account exports only the part of a case that its author may see
        "needs.ModerationCase.holder",  # this is the text of another person, which the case is about
        "needs.ModerationCase.decided_by",
        "needs.ModerationCase.appeal_by",
    }
)
"""Links to an account whose rows are about somebody else, or are a secret of somebody else."""

EXPORTED_ELSEWHERE = frozenset({"admin.LogEntry"})
"""Tables left out because the audit log, which is exported, has the same changes by administrators."""

_HIDDEN_LINKS = frozenset({"volunteers.User", "volunteers.Association", "volunteers.Territory"})


def links_to_accounts() -> Iterator[tuple[type[models.Model], Any]]:
    """Yield (model, field) of every link to an account."""
    for model in apps.get_models():
        if model._meta.label in EXPORTED_ELSEWHERE or model._meta.proxy:
            continue
        for field in model._meta.concrete_fields:
            if field.is_relation and field.related_model is User:
                yield model, field


def of_account(user: User) -> dict[str, Any]:
    """Return all rows that link to the account, by table and by the linking field ("author", "volunteer")."""
    data: dict[str, Any] = {
        "made_at": timezone.now().isoformat(timespec="seconds"),
        "account": _row(user),
        "audit_log": list(
            AuditEntry.objects.filter(actor=user.key).order_by("seq").values("at", "verb", "kind", "purpose", "details")
        ),
    }
    for model, field in links_to_accounts():
        if f"{model._meta.label}.{field.name}" in NOT_THEIRS:
            continue
        rows = model._default_manager.filter(**{field.name: user}).order_by("pk")
        if linked := [_row(row) for row in rows]:
            data.setdefault(model._meta.label, {})[field.name] = linked
    windows = apps.get_model("volunteers", "Window").objects.filter(profile__user=user)
    data["volunteers.Window"] = [_row(row) for row in windows]
    own = Need.objects.filter(author=user).values_list("pk", flat=True)
    data["texts_held_or_hidden"] = [_case(row) for row in ModerationCase.objects.told_to(user).order_by("opened_at")]
    data["needs_filed"] = [of_need(need) for need in Need.objects.filter(pk__in=own)]
    feedback = Feedback.objects.filter(commitment__volunteer=user, side=Side.VOLUNTEER)
    data["feedback_given"] = [{"at": each.at, "went": each.went, "text": each.text} for each in feedback]
    return data


def _case(row: ModerationCase) -> dict[str, Any]:
    """Return the part of a case that the author of the text sees: nothing about who reported the text and when."""
    shown = ("kind", "held_at", "outcome", "reason", "words", "days", "decided_at", "appeal", "appealed_at")
    return {name: getattr(row, name) for name in (*shown, "appeal_outcome", "appeal_decided_at")}


def of_need(need: Need) -> dict[str, Any]:
    """Return the data of one report: the report, its steps and its messages."""
    return {
        "report": _sent(need),
        "steps": [{"at": each.at, "state": each.state, "by_reporter": each.by_reporter} for each in need.steps.all()],
        "photos": [f"photos/{photo.pk}.jpg" for photo in need.photos.all()],
        "messages": [
            {"at": each.at, "side": each.speaker, "text": each.text} for each in Message.objects.of_reporter(need.pk)
        ],
        "messages_refused": [
            {"at": each.at, "text": each.text} for each in need.refused_messages.filter(speaker=Speaker.REPORTER)
        ],
        "feedback": [
            {"at": each.at, "went": each.went, "unsafe": each.unsafe, "text": each.text}
            for each in Feedback.objects.filter(commitment__need=need, side=Side.REPORTER)
        ],
        "danger_alarm": [
            {"at": each.raised_at, "flags": each.flags, "answer": each.reporter_answer, "step": each.step}
            for each in DangerAlarm.objects.filter(need=need)
        ],
        "news_by": [_news_address(each) for each in need.reporter_addresses.all()],
        "messages_by": [
            _correspondent(each, need) for each in Correspondent.objects.filter(dialogues__need=need).distinct()
        ],
        "calls": [{"at": each.at, "result": each.result} for each in need.calls.all()],
    }


def _correspondent(row: Correspondent, need: Need) -> dict[str, Any]:
    """Return a number or address that wrote about a need, with its messages."""
    received, sent = row.received.filter(dialogue__need=need), row.sent.filter(dialogue__need=need)
    return {
        "medium": row.medium, "address": field_encryption.decrypt(row.address), "language": row.language,
        "received": [{"at": each.received_at, "text": each.text} for each in received],
        "sent": [{"at": each.written_at, "text": each.text} for each in sent],
    }  # fmt: skip


def _news_address(row: ReporterAddress) -> dict[str, Any]:
    """Return an address for news. A browser's subscription is left out: its keys would let others send it messages."""
    to = None if row.medium == Medium.PUSH else field_encryption.decrypt(row.address)
    return {"at": row.made_at, "medium": row.medium, "to": to, "language": row.language}


def account_file(user: User) -> io.BytesIO:
    """Return the zip of an account's data."""
    voice_notes = VoiceNote.objects.filter(encounter__author=user)
    photos: list[NeedPhoto | ItemPhoto] = [
        *NeedPhoto.objects.filter(need__author=user),
        *ItemPhoto.objects.filter(item__owner=user),
    ]
    seen = ConditionNote.objects.filter(author=user).exclude(photo="")
    return _zipped(of_account(user), photos, voice_notes, seen)


def _sent(need: Need) -> dict[str, Any]:
    """Return the row of a report. A place that a dispatcher looked up is left out: the link must not show an exact place
    that its reporter never sent."""
    row = _row(need)
    return {name: row[name] for name in row if name not in _PLACE} if place_correcting.is_looked_up(need) else row


_PLACE = {"point", "cell", "fine_cell"}


def need_file(need: Need) -> io.BytesIO:
    """Return the zip of one report, for the holder of its private link."""
    return _zipped(of_need(need), need.photos.all())


def _zipped(
    data: dict[str, Any], photos: Iterable[NeedPhoto | ItemPhoto], voice_notes: Iterable[VoiceNote] = (),
    seen: Iterable[ConditionNote] = (),
) -> io.BytesIO:  # fmt: skip
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(data, indent=1, ensure_ascii=False, default=_plain))
        for photo in photos:
            with photo.image.open() as file:
                archive.writestr(f"photos/{photo.pk}.jpg", file.read())
        for each in seen:
            with each.photo.open() as file:
                archive.writestr(f"loans/{each.loan_id}-{each.moment}.jpg", file.read())
        for note in voice_notes:
            with note.sound.open() as file:
                archive.writestr(f"voice/{note.encounter_id}-{note.pk}.ogg", file.read())
    out.seek(0)
    return out


def _row(row: models.Model) -> dict[str, Any]:
    """Return a row's columns without secrets. Encrypted columns are decrypted; links are ids or names."""
    columns: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        if f"{row._meta.label}.{field.name}" in SECRET:
            continue
        linked: Any = field.related_model
        if linked is not None and linked._meta.label in _HIDDEN_LINKS:
            if linked is not User:
                columns[field.name] = str(getattr(row, field.name) or "") or None
            continue
        value = getattr(row, field.attname)
        if isinstance(field, models.BinaryField):
            value = field_encryption.decrypt(value) if value else None
        columns[field.name] = value
    return columns


def _plain(value: Any) -> Any:
    if isinstance(value, GEOSGeometry):
        return json.loads(value.geojson)
    if isinstance(value, uuid.UUID):
        return str(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return str(value)
