"""Erasure on request is exact on the map, permanent, recorded without content, and repeated after a restore."""

import io
import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from mapping.coverage.cells import stored_states
from mapping.coverage.folding import fold, reconciliation
from mapping.models import Evidence, MonthlyNeed, evidence_day
from needs.base.attachments import photos
from needs.base.records.declarations import AidDraft, DraftPlace, EncounterDraft, NeedDraft, PresenceDraft
from needs.doors.retention import erasure, runner
from needs.enums import NeedState, ReportKind
from needs.help.commitments import taking
from needs.models import Aid, CitizenReport, Commitment, Encounter, Erasure, Need, NeedPhoto, Tour, TourCell
from needs.reports import filing
from tests import filing_verbs
from tests.mapping.coverage.test_fold import sums
from tests.needs.attachments.test_photos import picture
from tests.needs.triage.triage_cases import reported
from tests.support import Cast, Seen, SignedIn
from volunteers.models import AuditEntry, Notification, User

DAY = timedelta(days=1)
HERE = DraftPlace(48.866, 2.35)
type Filer = Callable[[Any], uuid.UUID]


def _presence(_cast: Any) -> uuid.UUID:
    return filing.report_presence(PresenceDraft(at=timezone.now() - 5 * DAY, place=HERE, source="b")).id


def _encounter(cast: Cast) -> uuid.UUID:
    draft = EncounterDraft(at=timezone.now() - DAY, place=HERE, persons=4, contacts=2, minutes=20, asked=["food"])
    filed = filing_verbs.log_encounter(draft, association=cast.maraude.pk, author=cast.bob.pk).id
    need = NeedDraft(at=timezone.now(), place=HERE, kinds=["tent"], source="b")
    filing_verbs.report_need(need, association=cast.maraude.pk, encounter=filed)
    return filed


def _tour(cast: Cast) -> uuid.UUID:
    tour = filing.start_tour(association=cast.maraude.pk, author=cast.bob.pk, at=timezone.now() - DAY).id
    draft = EncounterDraft(at=timezone.now() - DAY, place=HERE, persons=2, tour=tour)
    filing_verbs.log_encounter(draft, association=cast.maraude.pk, author=cast.bob.pk)
    filing.close_tour(Tour.objects.get(pk=tour), ended_at=timezone.now(), line=[(2.345, 48.865), (2.355, 48.867)])
    return tour


def _aid(cast: Cast) -> uuid.UUID:
    draft = AidDraft(at=timezone.now(), place=HERE, contacts=3)
    return filing.log_aid(draft, association=cast.maraude.pk, author=None).id


KINDS: list[tuple[ReportKind, Filer]] = [
    (ReportKind.CITIZEN_REPORT, _presence),
    (ReportKind.NEED, lambda _cast: reported(contact="06 12 34 56 78").pk),
    (ReportKind.ENCOUNTER, _encounter),
    (ReportKind.TOUR, _tour),
    (ReportKind.AID, _aid),
]


@pytest.mark.parametrize(("kind", "file"), KINDS, ids=[kind.name.lower() for kind, _file in KINDS])
@pytest.mark.parametrize("folded", [True, False], ids=["folded", "waiting"])
def test_after_an_erasure_the_map_equals_one_without_the_report(
    cast: Cast, seen: Seen, kind: ReportKind, file: Filer, folded: bool
) -> None:
    day = evidence_day(timezone.now()) + 0.01
    for number in range(3):
        seen(persons=number, minutes=10)
        filing.report_presence(PresenceDraft(at=timezone.now() - number * DAY, place=HERE, source="a"))
    fold.fold_outbox()
    before = sums(day)
    mark = {model: model.objects.count() for model in (Encounter, Need, Tour, TourCell, Aid, CitizenReport)}
    report = file(cast)
    if folded:
        fold.fold_outbox()
        assert max(abs(a - b) for cell, row in sums(day).items() for a, b in zip(row, before[cell], strict=True)) > 1e-3
    assert erasure.erase_report(kind, report, by=cast.carol, by_owner=False)
    fold.fold_outbox()
    after = sums(day)
    for cell, row in before.items():
        assert after[cell] == pytest.approx(row, abs=1e-9)
    assert {model: model.objects.count() for model in mark} == mark
    assert not Evidence.objects.filter(report=report).exists()
    difference = reconciliation.reconcile().difference
    assert difference is not None
    assert difference < 1e-9
    assert erasure.erase_report(kind, report, by=cast.carol, by_owner=False) == 0


def test_an_erasure_lowers_the_monthly_count(cast: Cast) -> None:
    from mapping.plans.recurring_needs import monthly_counts

    now = timezone.now()
    at = now - 58 * DAY
    rows = []
    for _number in range(2):
        draft = NeedDraft(at=at, place=HERE, kinds=["food"], source=uuid.uuid4().hex)
        filing_verbs.report_need(draft, extra=filing.Extra(filed_at=at))
        rows.append(draft.id)
    monthly_counts.count_months(now, since=at.date())
    month = monthly_counts.month_of(timezone.localtime(at).date())
    assert MonthlyNeed.objects.get(month=month).count == 2
    erasure.erase_report(ReportKind.NEED, rows[0], by=None, by_owner=True)
    monthly_counts.count_months(now, since=at.date())
    assert MonthlyNeed.objects.get(month=month).count == 1


def test_a_running_tour_loses_a_cell_that_only_an_erased_encounter_added(cast: Cast) -> None:
    tour = filing.start_tour(association=cast.maraude.pk, author=None, at=timezone.now()).id
    draft = EncounterDraft(at=timezone.now(), place=HERE, persons=2, tour=tour)
    filing_verbs.log_encounter(draft, association=cast.maraude.pk, author=None)
    fold.fold_outbox()
    erasure.erase_report(ReportKind.ENCOUNTER, draft.id, by=None, by_owner=False)
    fold.fold_outbox()
    assert not TourCell.objects.exists()
    found = stored_states.load("true", [])
    assert float(abs(found.x).max()) < 1e-12
    assert float(abs(found.a).max()) < 1e-12


def test_erasing_a_need_deletes_photo_files_and_notifies_its_holder(
    cast: Cast, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    need = reported(state=NeedState.OPEN)
    photos.add_first(need.pk, photos.reencode(io.BytesIO(picture())))
    held = taking.take(need.pk, cast.alice)
    image = NeedPhoto.objects.get().image
    with django_capture_on_commit_callbacks(execute=True):
        erasure.erase_report(ReportKind.NEED, need.pk, by=None, by_owner=True)
    assert image.name is not None
    assert not image.storage.exists(image.name)
    assert not Commitment.objects.filter(pk=held.pk).exists()
    assert Notification.objects.filter(user=cast.alice, title="You do not need to go any more").exists()


# --- by its reporter -------------------------------------------------------------------------------------------------


def test_a_reporter_erases_the_contact_and_then_the_report_from_the_private_page(cast: Cast) -> None:
    need = reported(contact="06 12 34 56 78")
    token = filing.follow_token(need.pk)
    page, erase = reverse("needs:follow", args=[token]), reverse("needs:follow_erase", args=[token])
    client = Client()
    assert erase in client.get(page).content.decode()
    assert client.post(erase, {"what": "report"}).status_code == 400  # the box "sure" is not ticked
    assert client.post(erase, {"what": "contact", "sure": "on"})["Location"] == page
    need.refresh_from_db()
    assert need.contact is None
    assert "Only the contact" not in client.get(erase).content.decode()
    assert client.post(erase, {"what": "report", "sure": "on"})["Location"] == reverse("needs:erased")
    assert client.get(reverse("needs:erased")).status_code == 200
    assert not Need.objects.exists()
    assert client.get(page).status_code == client.post(erase).status_code == 404
    assert set(Erasure.objects.values_list("kind", "by_owner")) == {("contact", True), ("need", True)}
    assert AuditEntry.objects.filter(verb="data_erased").count() == 2


def test_the_erasure_record_holds_only_digests(cast: Cast) -> None:
    need = reported(contact="06 12 34 56 78", text="under the bridge")
    erasure.erase_report(ReportKind.NEED, need.pk, by=None, by_owner=True)
    line = json.loads(settings.ERASURES_FILE.read_text().splitlines()[-1])
    assert line.keys() == {"at", "kind", "digest"}
    assert line["digest"] == Erasure.objects.get().digest == erasure.digest("need", need.pk)
    assert str(need.pk) not in json.dumps(line)
    assert settings.ERASURES_FILE.stat().st_mode & 0o077 == 0


# --- by a dispatcher -------------------------------------------------------------------------------------------------


def test_a_dispatcher_erases_on_request_after_authenticating_again(cast: Cast, seen: Seen, signed_in: SignedIn) -> None:
    from tests.conftest import sign_in

    need, encounter = reported(contact="a@example.org"), seen()
    paths = [reverse("needs:erase_need", args=[need.pk]), reverse("needs:erase_encounter", args=[encounter.id])]
    for path in paths:
        assert signed_in(cast.bob).get(path).status_code == 404
        assert signed_in(cast.edith).get(path).status_code == 404
        stale = Client()
        sign_in(stale, cast.carol, seconds_ago=3600)
        assert "reauthenticate" in stale.post(path, {"what": "report", "sure": "on"})["Location"]
    assert Need.objects.exists()
    carol = signed_in(cast.carol)
    assert paths[0] in carol.get(reverse("needs:triage_need", args=[need.pk])).content.decode()
    assert paths[1] in carol.get(reverse("needs:encounter", args=[encounter.id])).content.decode()
    for path in paths:
        assert carol.get(path).status_code == 200
        assert carol.post(path, {"what": "report", "sure": "on"}).status_code == 302
    assert not Need.objects.exists()
    assert not Encounter.objects.exists()
    assert set(Erasure.objects.values_list("kind", "by_owner")) == {("need", False), ("encounter", False)}
    assert AuditEntry.objects.filter(actor=cast.carol.key, verb="data_erased").count() == 2


def test_the_erase_command_erases_reports_accounts_and_associations(cast: Cast) -> None:
    filed = filing.report_presence(PresenceDraft(at=timezone.now(), place=HERE, source="a"))
    out = StringIO()
    call_command("erase", "citizen_report", str(filed.id), "--yes", stdout=out)
    call_command("erase", "account", "greta@example.org", "--yes", stdout=out)
    call_command("erase", "association", "soupe-du-sud", "--yes", stdout=out)
    assert out.getvalue().split() == ["Erased."] * 3
    assert not CitizenReport.objects.exists()
    assert not User.objects.filter(pk=cast.greta.pk).exists()
    for kind, key in (("citizen_report", str(filed.id)), ("need", "x"), ("account", "nobody@example.org")):
        with pytest.raises(CommandError, match="no such"):
            call_command("erase", kind, key, "--yes")
    with pytest.raises(CommandError, match="only administrator"):
        call_command("erase", "account", "farid@example.org", "--yes")


# --- an account ------------------------------------------------------------------------------------------------------


def test_deleting_an_account_keeps_the_association_s_reports_without_an_author(
    cast: Cast, seen: Seen, signed_in: SignedIn
) -> None:
    filed = seen(note="by the church")
    mine = reported(source="pseudonym")
    Need.objects.filter(pk=mine.pk).update(author=cast.bob, with_account=True)
    need = reported(state=NeedState.OPEN)
    taking.take(need.pk, cast.bob)
    client = signed_in(cast.bob)
    path = reverse("needs:erase_account")
    assert client.get(reverse("needs:my_data")).status_code == 200
    assert client.post(path, {"sure": ""}).status_code == 400
    assert client.post(path, {"sure": "on"})["Location"] == reverse("needs:erased")
    assert not User.objects.filter(pk=cast.bob.pk).exists()
    assert client.get("/me/").status_code == 302
    assert Encounter.objects.get(pk=filed.id).author is None
    assert Encounter.objects.get(pk=filed.id).association == cast.maraude
    mine.refresh_from_db()
    need.refresh_from_db()
    assert (mine.author, mine.source) == (None, "pseudonym")
    assert need.state == NeedState.OPEN
    assert not Commitment.objects.exists()
    assert AuditEntry.objects.get(verb="data_erased", actor=None).object


def test_the_only_dispatcher_is_warned_and_the_only_administrator_stays(cast: Cast, signed_in: SignedIn) -> None:
    path = reverse("needs:erase_account")
    assert "only dispatcher of Maraude du Nord" in signed_in(cast.carol).get(path).content.decode()
    answer = signed_in(cast.farid).post(path, {"sure": "on"}, follow=True)
    assert "only administrator" in answer.content.decode()
    assert User.objects.filter(pk=cast.farid.pk).exists()


# --- after a restore -------------------------------------------------------------------------------------------------


def test_erased_data_that_a_restore_brings_back_is_erased_again(cast: Cast, seen: Seen) -> None:
    kept, gone, called = seen(), reported(contact="a@example.org"), reported(contact="b@example.org")
    fold.fold_outbox()
    mark = transaction.savepoint_create()  # this savepoint represents the dump
    day = evidence_day(timezone.now()) + 0.01
    erasure.erase_report(ReportKind.NEED, gone.pk, by=None, by_owner=True)
    erasure.erase_contact(called.pk, by=None, by_owner=True)
    erasure.erase_account(cast.greta)
    fold.fold_outbox()
    wanted = sums(day)
    transaction.savepoint_rollback(mark)  # this rollback represents the restore
    assert Need.objects.count() == 2
    assert not Erasure.objects.exists()
    out = StringIO()
    call_command("retention", "--after-restore", "--json", stdout=out)
    data = json.loads(out.getvalue())
    assert data["again"]["erased"] == 3
    assert data["after_restore"]
    assert list(Need.objects.values_list("pk", "contact")) == [(called.pk, None)]
    assert Encounter.objects.filter(pk=kept.id).exists()
    assert not User.objects.filter(pk=cast.greta.pk).exists()
    fold.fold_outbox()
    for cell, row in sums(day).items():
        assert row == pytest.approx(wanted[cell], abs=1e-9)
    assert Erasure.objects.count() >= 3
    again = StringIO()
    call_command("retention", "--after-restore", "--json", stdout=again)
    assert json.loads(again.getvalue())["again"] == {"known": 0, "erased": 0}


def test_an_erased_report_that_is_uploaded_again_is_erased_by_the_next_run(cast: Cast) -> None:
    draft = PresenceDraft(at=timezone.now(), place=HERE, source="a")
    filing.report_presence(draft)
    erasure.erase_report(ReportKind.CITIZEN_REPORT, draft.id, by=None, by_owner=True)
    filing.report_presence(draft)  # the phone uploads it again
    assert CitizenReport.objects.count() == 1
    assert runner.run(dry_run=True).counts["erased"] == 1
    assert runner.run().counts["erased"] == 1
    assert not CitizenReport.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM needs_retraction")
        assert cursor.fetchone() == (0,)


def test_without_a_record_nothing_is_erased(cast: Cast, settings: Settings, tmp_path: Path) -> None:
    need = reported()
    settings.ERASURES_FILE = tmp_path / "here" / "erasures.jsonl"
    (tmp_path / "here").write_text("in the way")
    with pytest.raises(OSError, match="."):
        erasure.erase_report(ReportKind.NEED, need.pk, by=None, by_owner=True)
    assert Need.objects.filter(pk=need.pk).exists()
