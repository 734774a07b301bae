"""An association leaves with its data: if its file is imported, it gives the same rows, and the map contains none of
them."""

import io
import json
import uuid
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from psycopg2.extras import DateRange
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from mapping.coverage.folding import fold, reconciliation
from mapping.enums import ExportState
from mapping.models import Departure, Evidence, FieldNote, Override, evidence_day
from mapping.out.event_log.log_export import Scope, export
from mapping.out.event_log.log_import import ingest
from mapping.out.offboarding import departure
from needs.base.attachments import photos
from needs.base.records.declarations import AidDraft, DraftPlace, EncounterDraft, NeedDraft
from needs.doors.retention import erasure, runner
from needs.models import Aid, Encounter, Erasure, ImportRun, Item, ItemPhoto, Loan, Need, NeedPhoto, Tour
from needs.neighbours.lending.item_kinds import ItemCategory
from needs.neighbours.lending.loan_states import LoanState
from needs.reports import filing
from solidarity.lib import grid
from tests import filing_verbs
from tests.conftest import sign_in
from tests.mapping.coverage.test_fold import sums
from tests.needs.attachments.test_photos import picture
from tests.streamed_answers import streamed
from tests.support import Cast, SignedIn
from volunteers.models import Association, Membership, Notification, User

DAY = timedelta(days=1)
HERE = DraftPlace(48.866, 2.35)


def work(cast: Cast, association: Association, days: float = 2) -> None:
    """Store a tour, encounters inside and outside it, a need with a photo, aid, an override and a field note."""
    at, of = timezone.now() - timedelta(days=days), association.pk
    tour = filing.start_tour(association=of, author=cast.bob.pk, at=at).id
    met = EncounterDraft(at=at, place=HERE, persons=3, tour=tour, given=["food"])
    filing_verbs.log_encounter(met, association=of, author=cast.bob.pk)
    filing.close_tour(
        Tour.objects.get(pk=tour), ended_at=at + timedelta(hours=1), line=[(2.345, 48.865), (2.355, 48.867)]
    )
    alone = EncounterDraft(at=at, place=HERE, persons=2, minutes=15, asked=["tent"], note="by the church")
    filing_verbs.log_encounter(alone, association=of, author=cast.bob.pk)
    need = NeedDraft(at=at, place=HERE, kinds=["tent"], text="a tent")
    filing_verbs.report_need(need, association=of, encounter=alone.id)
    photos.add_first(need.id, photos.reencode(io.BytesIO(picture())))
    filing.log_aid(AidDraft(at=at, place=HERE, contacts=2), association=of, author=None)
    filing_verbs.log_encounter(taken := EncounterDraft(at=at, place=HERE, persons=9), association=of, author=None)
    from needs.enums import ReportKind
    from needs.signals import Touch, evidence_changed

    filing.retract(ReportKind.ENCOUNTER, taken.id, author=None)
    cell = Encounter.objects.get(pk=alone.id).cell
    assert cell is not None
    contest = Override.objects.create(
        id=uuid.uuid4(), cell=cell, at=at, persons=1, hours=1, status=1, association=association, reason="looked",
        expires_at=at + 7 * DAY, content_hash="0" * 64,
    )  # fmt: skip
    evidence_changed.send(sender=None, touches=[Touch(ReportKind.OVERRIDE, contest.pk, None, cell)])


def packed(cast: Cast) -> zipfile.ZipFile:
    made = departure.ask(cast.maraude, cast.carol)
    departure.pack(made.pk)
    made.refresh_from_db()
    assert made.state == ExportState.DONE
    return zipfile.ZipFile(departure.path_of(made))


def events_of(association: Any) -> list[dict[str, Any]]:
    out = io.BytesIO()
    export(out, Scope(association=association.pk))
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_the_file_gives_the_same_rows_after_it_has_left(cast: Cast, settings: Settings, tmp_path: Path) -> None:
    day = evidence_day(timezone.now()) + 0.01
    work(cast, cast.other)
    fold.fold_outbox()
    without = sums(day)
    work(cast, cast.maraude)
    FieldNote.objects.create(
        cell=1, territory_id=cast.diane.assignments.get().territory_id, text="x", association=cast.maraude,
        expires_at=timezone.now() + DAY,
    )  # fmt: skip
    run = ImportRun.objects.create(profile="la311", file_name="a", file_hash="b", association=cast.maraude)
    fold.fold_outbox()
    full, events = sums(day), events_of(cast.maraude)
    archive = packed(cast)
    assert [json.loads(line) for line in archive.read("events.jsonl").splitlines()] == events
    assert {event["type"] for event in events} == {"tour", "encounter", "need", "aid", "override", "retraction"}
    about = json.loads(archive.read("association.json"))
    assert {member["e-mail"] for member in about["members"]} == {"bob@example.org", "carol@example.org"}
    assert sum(name.startswith("photos/") for name in archive.namelist()) == 1
    image = NeedPhoto.objects.get(need__association=cast.maraude).image

    made = Departure.objects.get()
    assert departure.confirm(made, cast.carol)
    assert not departure.confirm(made, cast.carol)
    assert departure.erase(made.pk) == len([event for event in events if event["type"] != "retraction"])
    assert departure.erase(made.pk) == 0
    fold.fold_outbox()
    for cell, row in sums(day).items():
        assert row == pytest.approx(without[cell], abs=1e-9)
    assert (reconciliation.reconcile().difference or 0.0) < 1e-9
    assert not Association.objects.filter(slug="maraude-du-nord").exists()
    assert {Membership.objects.get().user, cast.edith} == {cast.edith}
    assert User.objects.filter(pk__in=[cast.bob.pk, cast.carol.pk]).count() == 2
    assert set(Notification.objects.filter(title__contains="has left").values_list("user", flat=True)) == {
        cast.bob.pk,
        cast.carol.pk,
    }
    run.refresh_from_db()
    assert run.association is None
    assert Erasure.objects.get().kind == "association"
    assert len(events_of(cast.other)) == len(events)
    assert image.name

    ingest(archive.read("events.jsonl").splitlines(keepends=True))
    fold.fold_outbox()
    again = Association.objects.get(slug="maraude-du-nord")
    assert events_of(again) == events
    for cell, row in sums(day).items():
        assert row == pytest.approx(full[cell], abs=1e-9)
    assert runner.run().counts["erased"] == 0  # the association came back by its own decision, under another key


def test_stock_that_is_lent_leaves_with_its_association(cast: Cast) -> None:
    cell = grid.parent(grid.cell_of(48.866, 2.35), 8)
    tent = Item.objects.create(association=cast.maraude, category=ItemCategory.TENT, name="Tent", cell=cell)
    photo = ItemPhoto.objects.create(item=tent)
    photo.image.save("tent.jpg", ContentFile(picture()))
    days = DateRange(date(2026, 11, 1), date(2026, 11, 8))
    Loan.objects.create(item=tent, borrower=cast.alice, period=days, state=LoanState.HANDED_OVER)
    archive = packed(cast)
    about = json.loads(archive.read("association.json"))
    assert about["loans"] == [
        {"item": str(tent.pk), "quantity": 1, "first_day": "2026-11-01", "day_after_the_last": "2026-11-08",
         "state": "handed_over"}
    ]  # fmt: skip
    assert f"photos/{tent.pk}-{photo.pk}.jpg" in archive.namelist()
    assert cast.alice.display_name not in archive.read("association.json").decode()

    assert departure.confirm(Departure.objects.get(), cast.carol)
    departure.erase(Departure.objects.get().pk)
    assert not Item.objects.exists() and not Loan.objects.exists()
    assert not Association.objects.filter(slug="maraude-du-nord").exists()


def test_an_association_that_a_restore_brings_back_is_erased_again(cast: Cast) -> None:
    from django.db import transaction

    work(cast, cast.maraude)
    mark = transaction.savepoint_create()
    departure.erase_association(Association.objects.get(pk=cast.maraude.pk), by=cast.farid)
    transaction.savepoint_rollback(mark)
    assert Tour.objects.exists()
    assert erasure.import_erasure_file() >= 1
    assert runner.run().counts["erased"] == 1
    assert not any(model.objects.exists() for model in (Tour, Encounter, Need, Aid, Override))
    fold.fold_outbox()
    assert not Evidence.objects.exists()


def test_its_dispatcher_takes_everything_and_the_last_one_leaves(
    cast: Cast, signed_in: SignedIn, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    work(cast, cast.maraude)
    page, file = (reverse(f"mapping:{name}", args=["maraude-du-nord"]) for name in ("departure", "departure_file"))
    leave = reverse("mapping:departure_confirm", args=["maraude-du-nord"])
    for stranger in (cast.bob, cast.edith, cast.diane):
        client = signed_in(stranger)
        assert {client.get(page).status_code, client.get(file).status_code, client.post(leave).status_code} == {404}
    carol = signed_in(cast.carol)
    assert page in carol.get("/me/").content.decode()
    assert "Make the file first" in carol.get(page).content.decode()
    assert carol.get(file).status_code == carol.post(leave, {"name": "maraude-du-nord"}).status_code == 404
    stale = sign_in(Client(), cast.carol, seconds_ago=3600)
    assert "reauthenticate" in stale.post(page)["Location"]
    assert carol.post(page).status_code == 302
    carol.post(page)
    made = Departure.objects.get()
    departure.pack(made.pk)
    assert streamed(carol.get(file))[:2] == b"PK"
    assert "reauthenticate" in stale.get(file)["Location"]
    assert carol.post(leave, {"name": "maraude"}).status_code == 400
    second = Membership.objects.create(user=cast.greta, association=cast.maraude, role="dispatcher")
    assert "other dispatchers" in carol.get(page).content.decode()
    assert carol.post(leave, {"name": "maraude-du-nord"}).status_code == 404
    second.delete()
    assert carol.post(leave, {"name": "maraude-du-nord"}).status_code == 302
    made.refresh_from_db()
    assert made.leaving_at
    assert departure.erase(made.pk)
    assert carol.get(page).status_code == 404


def test_what_was_lost_on_the_way_is_asked_for_again(cast: Cast) -> None:
    made = departure.ask(cast.maraude, cast.carol)
    assert departure.ask(cast.maraude, cast.carol) == made
    assert departure.resume() == 0
    assert departure.resume(timezone.now() + timedelta(minutes=2)) == 1
    assert departure.resume(timezone.now() + timedelta(hours=3)) == 0
    made.refresh_from_db()
    assert made.state == ExportState.FAILED
    runner.run(timezone.now() + 8 * DAY)
    assert not Departure.objects.exists()
