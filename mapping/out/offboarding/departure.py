"""Offboarding of an association: export all its data as one zip file, then erase the association after a confirmation.

Exactly the evidence of this association is removed from the map. Only the sums of reports that were erased earlier
stay; they do not name the association.
"""

import json
import uuid
import zipfile
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from mapping.enums import ExportState
from mapping.models import Departure, FieldNote, Override
from mapping.out.event_log.log_export import Scope, export
from mapping.out.exports.complete_file import complete_file
from needs.doors.association_figures.monthly_figures import Figures
from needs.doors.retention import erasure, report_deletion
from needs.enums import ReportKind
from needs.models import Aid, Encounter, ImportRun, ItemPhoto, Loan, Need, NeedPhoto, Tour, VoiceNote
from needs.neighbours.local_events import event_entries
from needs.signals import Touch, evidence_changed
from solidarity.lib.late_task import LateTask
from volunteers.enums import Topic
from volunteers.models import Association, Membership, User
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb
from volunteers.people.notifications.notifying import Message, notify

KEPT = timedelta(days=7)
WAITS = timedelta(seconds=60)  # after this time, a message is assumed to be lost
GIVEN_UP = timedelta(hours=2)
ASSOCIATION = "association"
_PACK, _LEAVE = LateTask("mapping.tasks.pack"), LateTask("mapping.tasks.leave")

README = """\
All data of {name} on Solidarity, as of {moment}.

events.jsonl      custom questions, places, tours, encounters with their answers, needs, aid, overrides, stock, offers,
                  local events and retractions, one JSON object a line. Any Solidarity imports it: manage.py import_events events.jsonl
association.json  name, members, planned and suggested tours, capacities, loans, monthly figures
photos/           photos of needs and of things, named by their number
voice/            voice notes, named by the number of their encounter
"""

# --- permission -----------------------------------------------------------------------------------------------------------


def association_for(user: User, slug: str) -> Association:
    """Return the association if the user dispatches for it or is an administrator; raise Http404 otherwise."""
    if user.is_administrator:
        return get_object_or_404(Association, slug=slug)
    mine = Membership.objects.dispatching().filter(user=user).values("association")
    return get_object_or_404(Association, slug=slug, pk__in=mine)


def may_leave(user: User, association: Association) -> bool:
    """Return whether the user may offboard the association. Only an administrator or the association's last dispatcher
    may."""
    others = Membership.objects.dispatching().filter(association=association).exclude(user=user)
    return user.is_administrator or not others.exists()


# --- exporting all data ---------------------------------------------------------------------------------------------


def ask(association: Association, user: User) -> Departure:
    """Request the file, or return the request in progress."""
    with transaction.atomic():
        Association.objects.select_for_update().get(pk=association.pk)
        waiting = Departure.objects.filter(
            association=association, state__in=[ExportState.WAITING, ExportState.RUNNING]
        ).first()
        if waiting is not None:
            return waiting
        made = Departure.objects.create(association=association, asked_by=user)
        recording.record(user, Verb.EXPORT_ASKED, ASSOCIATION, association.pk, purpose=Purpose.RIGHTS)
        transaction.on_commit(partial(_PACK.delay, str(made.pk)), robust=True)
    return made


def path_of(departure: Departure) -> Path:
    return Path(settings.EXPORTS_ROOT) / f"{departure.pk}.zip"


def latest(association: Association) -> Departure | None:
    """Return the association's newest file that has not expired."""
    return Departure.objects.filter(association=association, made_at__gt=timezone.now() - KEPT).first()


def pack(key: uuid.UUID) -> None:
    """Make the file of a departure."""
    if not Departure.objects.filter(pk=key, state=ExportState.WAITING).update(state=ExportState.RUNNING):
        return
    found = Departure.objects.select_related("association").get(pk=key)
    try:
        with complete_file(path_of(found)) as out:
            events, photos = _write(found.association, out)
    except BaseException:
        Departure.objects.filter(pk=key).update(state=ExportState.FAILED)
        raise
    size = path_of(found).stat().st_size
    Departure.objects.filter(pk=key).update(state=ExportState.DONE, size=size, events=events, photos=photos)


def _write(association: Association, out: IO[bytes]) -> tuple[int, int]:
    """Write the zip; return how many events and photos it contains."""
    photos = 0
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        moment = timezone.localtime().isoformat(timespec="minutes")
        archive.writestr("README.txt", README.format(name=association.name, moment=moment))
        archive.writestr("association.json", json.dumps(_about(association), indent=1, ensure_ascii=False))
        with archive.open("events.jsonl", "w", force_zip64=True) as file:
            counts = export(file, Scope(association=association.pk))
        for photo in NeedPhoto.objects.filter(need__in=_needs(association)).iterator():
            with photo.image.open() as image:
                archive.writestr(f"photos/{photo.need_id}-{photo.pk}.jpg", image.read())
            photos += 1
        for picture in ItemPhoto.objects.filter(item__association=association).iterator():
            with picture.image.open() as image:
                archive.writestr(f"photos/{picture.item_id}-{picture.pk}.jpg", image.read())
            photos += 1
        for note in VoiceNote.objects.filter(encounter__association=association).iterator():
            with note.sound.open() as sound:
                archive.writestr(f"voice/{note.encounter_id}-{note.pk}.ogg", sound.read())
    return sum(counts.values()), photos


def _about(association: Association) -> dict[str, Any]:
    members = association.memberships.current().select_related("user").order_by("joined_at")
    plans = association.planned_tours.order_by("start")
    return {
        "name": association.name,
        "slug": association.slug,
        "website": association.website,
        "members": [
            {"e-mail": each.user.email, "name": each.user.display_name, "role": each.role,
             "since": each.joined_at.isoformat()}
            for each in members
        ],
        "planned_tours": [
            {"start": plan.start.isoformat(), "minutes": plan.minutes, "mode": plan.mode,
             "cells": [f"{cell:x}" for cell in plan.cells], "seats": plan.seats, "every_week": plan.repeats}
            for plan in plans
        ],
        "suggested_tours": [
            {"start": each.start.isoformat(), "minutes": each.minutes, "mode": each.mode,
             "cells": [f"{cell:x}" for cell in each.cells], "word": each.word, "answer": each.answer,
             "reply": each.reply}
            for each in association.tour_requests.order_by("start")
        ],
        "loans": [
            {"item": str(each.item_id), "quantity": each.quantity, "first_day": each.period.lower.isoformat(),
             "day_after_the_last": each.period.upper.isoformat(), "state": each.state}
            for each in Loan.objects.filter(item__association=association).order_by("asked_at")
        ],
        "monthly_figures": [
            {"month": each.month.isoformat(), **Figures.of_row(each).values()}
            for each in association.monthly_figures.order_by("month")
        ],
        "capacities": list(association.capacities.order_by("kind").values("kind", "per_week", "radius")),
    }  # fmt: skip


def _needs(association: Association) -> QuerySet[Need]:
    """Return the association's needs, as in the event log: needs that it filed itself, and needs of its encounters."""
    return Need.objects.filter(Q(association=association) | Q(encounter__association=association))


# --- leaving -------------------------------------------------------------------------------------------------------


def confirm(departure: Departure, user: User) -> bool:
    """Confirm a departure, after which a worker erases the association. Return False if there is no file or if the
    departure is already confirmed."""
    with transaction.atomic():
        ready = Departure.objects.select_for_update().filter(pk=departure.pk, state=ExportState.DONE, leaving_at=None)
        if not path_of(departure).is_file() or not ready.update(leaving_at=timezone.now(), asked_by=user):
            return False
        transaction.on_commit(partial(_LEAVE.delay, str(departure.pk)), robust=True)
    return True


def erase(key: uuid.UUID) -> int:
    """Erase the association of a confirmed departure; return the number of its reports, or 0 if it is already
    erased."""
    found = Departure.objects.select_related("association", "asked_by").filter(pk=key).exclude(leaving_at=None).first()
    return erase_association(found.association, by=found.asked_by) if found else 0


def erase_association(association: Association, *, by: User | None) -> int:
    """Erase an association and its reports; return the number of reports. The next fold subtracts their evidence
    exactly.

    The members of the association are notified and lose their membership; their accounts stay. Public data that the
    association imported stays, without the association's name.
    """
    with transaction.atomic():
        erasure.record_erasure(ASSOCIATION, association.key, by_owner=by is not None)
        members = list(User.objects.filter(memberships__association=association, memberships__left_at=None))
        event_entries.cancel_all_of(association)
        number = erasure.retract_and_delete(_reports(association)) + _erase_overrides(association)
        FieldNote.objects.filter(association=association).delete()
        ImportRun.objects.filter(association=association).update(association=None)
        notify(members, Topic.COMMITMENT, f"association:left:{association.pk}", _farewell)
        pk = association.pk
        association.delete()
        recording.record(by, Verb.DATA_ERASED, ASSOCIATION, pk, purpose=Purpose.RIGHTS, details={"reports": number})
    return number


def _farewell() -> Message:
    return Message(
        _("One of your associations has left Solidarity"),
        _("Its reports were erased, and you are no longer a member. Your own account does not change."),
        path=reverse("volunteers:me"),
    )


def _reports(association: Association) -> report_deletion.Reports:
    own = Q(association=association)
    return report_deletion.with_what_belongs_to(
        {
            ReportKind.TOUR: Tour.objects.filter(own).values_list("pk", flat=True),
            ReportKind.ENCOUNTER: Encounter.objects.filter(own).values_list("pk", flat=True),
            ReportKind.NEED: Need.objects.filter(own).values_list("pk", flat=True),
            ReportKind.AID: Aid.objects.filter(own).values_list("pk", flat=True),
        }
    )


def _erase_overrides(association: Association) -> int:
    rows = list(Override.objects.filter(association=association).values_list("pk", "cell"))
    if rows:
        evidence_changed.send(sender=None, touches=[Touch(ReportKind.OVERRIDE, key, cell, None) for key, cell in rows])
        Override.objects.filter(pk__in=[key for key, _cell in rows]).delete()
    return len(rows)


erasure.ERASERS[ASSOCIATION] = erasure.Eraser(
    lambda: Association.objects.values_list("key", flat=True).iterator(),
    lambda key: erase_association(Association.objects.get(key=key), by=None),
)

# --- the schedule --------------------------------------------------------------------------------------------------


def resume(now: datetime | None = None) -> int:
    """Queue unfinished tasks again, and mark those older than GIVEN_UP as failed; return how many were queued."""
    moment = now or timezone.now()
    unfinished = Departure.objects.filter(state__in=[ExportState.WAITING, ExportState.RUNNING])
    unfinished.filter(made_at__lt=moment - GIVEN_UP).update(state=ExportState.FAILED)
    waiting = Departure.objects.filter(state=ExportState.WAITING, made_at__lt=moment - WAITS)
    leaving = Departure.objects.filter(leaving_at__lt=moment - WAITS)
    to_pack, to_leave = list(waiting.values_list("pk", flat=True)), list(leaving.values_list("pk", flat=True))
    for key in to_pack:
        _PACK.delay(str(key))
    for key in to_leave:
        _LEAVE.delay(str(key))
    return len(to_pack) + len(to_leave)
