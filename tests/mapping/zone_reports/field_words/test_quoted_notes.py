"""Field notes in external reports: who chooses them, who agrees, what is printed, and what attackers get."""

import io
import json
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pyogrio
import pypdf
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format

from mapping.enums import ExportFormat, ExportState
from mapping.map.overrides import field_notes
from mapping.models import FieldNote, PublicWeek, QuotedNote, Release, ZoneReport
from mapping.out.exports import export_jobs
from mapping.out.exports.report_files import write_file
from mapping.out.report_figures.report_period import Period
from mapping.out.zone_reports.external.external_report import external_report, make_external_report
from mapping.out.zone_reports.field_words import quoting
from mapping.out.zone_reports.field_words.exactness import problems_of
from needs.doors.retention import erasure, runner
from solidarity.lib import cell_geometry
from tests.support import Cast, City, SignedIn
from volunteers.enums import Role
from volunteers.models import Association, Cell, Membership, Notification, User

TEXT = "Many people sleep in cars now, and nobody counts them."
WITHOUT = "Without a word from the field."


@pytest.fixture
def report(city: City, cast: Cast) -> ZoneReport:
    """An external report of Ville over one published week; Sud is not published."""
    monday = timezone.localdate() - timedelta(days=timezone.localdate().weekday() + 14)
    needs = {"needs_met": 12, "needs_taken": 0, "needs_open": 21, "needs_ended": 0}
    PublicWeek.objects.create(
        monday=monday, figures={str(city.nord.pk): {"people": 60, "hours": 40.0, "unseen": 35.0, **needs}}
    )
    release = Release.objects.create(audience="public", as_of=timezone.now() - timedelta(days=7))
    atoms = tuple(sorted(set(Cell.objects.filter(territory=city.nord).values_list("parent8", flat=True)))[:1])
    release.places.create(
        key="8-x", level="8", commune=city.nord, number=1, status=4, coverage=25, outline=cell_geometry.dissolve(atoms)
    )
    return make_external_report(city.root, Period(monday, monday + timedelta(days=6)), cast.diane)


@pytest.fixture
def head(cast: Cast) -> User:
    """A dispatcher of Maraude du Nord."""
    assert Membership.objects.dispatching().filter(user=cast.carol, association=cast.maraude).exists()
    return cast.carol


def note_in(report: ZoneReport, place: Any, association: Association, author: User, text: str = TEXT) -> FieldNote:
    """A note of the report's Wednesday, shown for another day."""
    at = timezone.make_aware(datetime.combine(report.start + timedelta(days=2), datetime.min.time())) + timedelta(
        hours=23
    )
    return FieldNote.objects.create(
        cell=place.cells.order_by("cell").first().cell, territory=place, text=text, author=author,
        association=association, at=at, expires_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip


@pytest.fixture
def note(report: ZoneReport, city: City, cast: Cast) -> FieldNote:
    return note_in(report, city.nord, cast.maraude, cast.bob)


def ask(client: Client, report: ZoneReport, *notes: Any) -> Any:
    return client.post(
        reverse("mapping:choose_words", args=[report.pk]), {"note": [str(getattr(n, "pk", n)) for n in notes]}
    )


def say(client: Client, quote: QuotedNote | uuid.UUID, agreed: str) -> Any:
    return client.post(reverse("mapping:answer_words", args=[getattr(quote, "pk", quote)]), {"agreed": agreed})


def written(report: ZoneReport, format: ExportFormat) -> bytes:
    out = io.BytesIO()
    with translation.override("en"):
        write_file(report, format, out)
    return out.getvalue()


def pdf_text(report: ZoneReport) -> str:
    pages = pypdf.PdfReader(io.BytesIO(written(report, ExportFormat.PDF))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def page_of(client: Client, report: ZoneReport) -> str:
    return client.get(reverse("mapping:report", args=[report.pk])).content.decode()


def test_a_coordinator_chooses_the_association_agrees_and_every_readable_format_quotes_it(
    report: ZoneReport, note: FieldNote, cast: Cast, head: User, signed_in: SignedIn, tmp_path: Path
) -> None:
    coordinator, own = signed_in(cast.diane), signed_in(head)
    assert WITHOUT in page_of(coordinator, report) and WITHOUT in pdf_text(report)
    assert TEXT in coordinator.get(reverse("mapping:choose_words", args=[report.pk])).content.decode()
    assert ask(coordinator, report, note).status_code == 302
    quote = QuotedNote.objects.get()
    assert list(Notification.objects.values_list("user", flat=True)) == [head.pk]
    assert TEXT not in Notification.objects.get().body
    assert TEXT not in page_of(coordinator, report) and TEXT not in pdf_text(report), "nobody has agreed yet"

    assert TEXT in own.get(reverse("mapping:asked_words")).content.decode()
    assert say(own, quote, "yes").status_code == 302
    for text in (page_of(coordinator, report), pdf_text(report)):
        assert TEXT in text and "Maraude du Nord, Nord, week of" in text and WITHOUT not in text
    book = openpyxl.load_workbook(io.BytesIO(written(report, ExportFormat.XLSX)))
    rows = [[cell.value for cell in row] for row in book["In the teams’ words"].iter_rows()]
    assert [str(value) for value in rows[1][:3]] == [TEXT, "Maraude du Nord", "Nord"]
    [words] = json.loads(written(report, ExportFormat.GEOJSON))["report"]["words"]
    assert words == {"text": TEXT, "association": "Maraude du Nord", "part": "Nord", "week": report.start.isoformat()}
    package = tmp_path / "report.gpkg"
    package.write_bytes(written(report, ExportFormat.GEOPACKAGE))
    assert pyogrio.read_dataframe(package, layer="words")["text"].tolist() == [TEXT]

    assert say(own, quote, "no").status_code == 302
    for text in (page_of(coordinator, report), pdf_text(report)):
        assert TEXT not in text and WITHOUT in text
    assert "words" not in json.loads(written(report, ExportFormat.GEOJSON))["report"]


def test_a_scheduled_report_says_that_it_has_no_word_from_the_field(report: ZoneReport) -> None:
    made = external_report(report.territory, Period(report.start, report.end), "en")
    assert WITHOUT in " ".join(pypdf.PdfReader(io.BytesIO(made)).pages[0].extract_text().split())


def test_the_words_name_no_place_finer_than_the_report_and_no_day(
    report: ZoneReport, city: City, cast: Cast, head: User
) -> None:
    for place in (city.nord, city.sud):
        note_in(report, place, cast.maraude, cast.bob)
    quoting.choose(report, [each.note.pk for each in quoting.candidates(report)], cast.diane)
    for quote in QuotedNote.objects.all():
        quoting.answer(quote, agreed=True, by=head)
    with translation.override("en"):
        parts = [words.part for words in quoting.words_of(report)]
        text = printed(report)
    assert sorted(parts) == ["", "Nord"], "Sud is not in the report"
    for day in (report.start + timedelta(days=step) for step in range(1, 7)):
        assert day.isoformat() not in text and date_format(day, "DATE_FORMAT") not in text


def printed(report: ZoneReport) -> str:
    """The lines below the words, and the words in the file for programs."""
    lines = [words.source for words in quoting.words_of(report)]
    return " ".join([*lines, json.dumps(json.loads(written(report, ExportFormat.GEOJSON))["report"]["words"])])


def test_only_notes_of_the_period_and_the_territory_can_be_chosen(
    report: ZoneReport, note: FieldNote, city: City, cast: Cast, signed_in: SignedIn
) -> None:
    FieldNote.objects.filter(pk=note.pk).update(at=timezone.now())
    assert quoting.candidates(report) == []
    assert ask(signed_in(cast.diane), report, note).status_code == 422
    assert not QuotedNote.objects.exists()


# --- attacks -----------------------------------------------------------------------------------------------------------


def test_nobody_but_a_dispatcher_of_the_note_s_association_answers(
    report: ZoneReport, note: FieldNote, cast: Cast, signed_in: SignedIn
) -> None:
    quoting.choose(report, [note.pk], cast.diane)
    quote = QuotedNote.objects.get()
    Membership.objects.create(user=cast.greta, association=cast.other, role=Role.DISPATCHER)
    for who in (cast.alice, cast.bob, cast.diane, cast.edith, cast.farid, cast.greta):
        assert say(signed_in(who), quote, "yes").status_code == 404, who
        assert TEXT not in signed_in(who).get(reverse("mapping:asked_words")).content.decode()
    quote.refresh_from_db()
    assert quote.agreed is None and not quoting.words_of(report)


def test_forged_ids_store_nothing(
    report: ZoneReport, note: FieldNote, cast: Cast, head: User, signed_in: SignedIn
) -> None:
    coordinator = signed_in(cast.diane)
    for forged in (uuid.uuid4(), "1 OR 1=1", ""):
        answer = ask(coordinator, report, note, forged)
        assert answer.status_code == 422 and "One of these notes cannot be quoted" in answer.content.decode()
    assert not QuotedNote.objects.exists()
    assert say(signed_in(head), uuid.uuid4(), "yes").status_code == 404


def test_only_coordinators_of_the_report_choose(
    report: ZoneReport, note: FieldNote, cast: Cast, signed_in: SignedIn
) -> None:
    for who in (cast.alice, cast.bob, cast.carol, cast.edith, cast.greta):
        assert ask(signed_in(who), report, note).status_code == 404
    assert not QuotedNote.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        "Karim is waiting near the station every evening",
        "call me on 06 12 34 56 78",
        "two people with HIV need help",
        "Des familles dorment quai de Valmy",
        "A family sleeps behind Victoria Station",
        "Le 24 novembre, la police est passée",
        "Everything was cleared on Monday",
        "at 48.8712, 2.3671",
    ],
    ids=["name", "phone", "health", "quay", "station", "date", "weekday", "coordinate"],
)
def test_a_note_with_personal_data_or_an_exact_place_or_day_is_never_asked_for(
    text: str, report: ZoneReport, city: City, cast: Cast, head: User, signed_in: SignedIn
) -> None:
    bad = note_in(report, city.nord, cast.maraude, cast.bob, text)
    coordinator = signed_in(cast.diane)
    page = coordinator.get(reverse("mapping:choose_words", args=[report.pk])).content.decode()
    assert "Cannot be quoted" in page
    assert ask(coordinator, report, bad).status_code == 422
    forced = QuotedNote.objects.create(report=report, note=bad, agreed=True)
    assert quoting.words_of(report) == [], "even a row that exists is checked again"
    forced.delete()


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        "Beaucoup de gens dorment maintenant dans leur voiture, personne ne les compte.",
        "The shelters are full, we send three families away each night.",
        "On manque de duvets et de chaussures. Les gens changent de place à cause des travaux.",
    ],
    ids=["en", "fr", "families", "blankets"],
)
def test_plain_words_of_teams_can_be_quoted(text: str) -> None:
    assert problems_of(text) == []


Removal = Callable[[FieldNote, Cast], object]
REMOVALS: dict[str, Removal] = {
    "removed": lambda note, cast: field_notes.remove(note),
    "deleted": lambda note, cast: FieldNote.objects.filter(pk=note.pk).delete(),
}


@pytest.mark.parametrize("how", sorted(REMOVALS))
def test_a_note_that_is_removed_leaves_the_report_and_its_files_at_once(
    how: str, report: ZoneReport, note: FieldNote, cast: Cast, head: User, signed_in: SignedIn
) -> None:
    quoting.choose(report, [note.pk], cast.diane)
    quoting.answer(QuotedNote.objects.get(), agreed=True, by=head)
    with translation.override("en"):
        file = export_jobs.ask_for_report_file(report, ExportFormat.GEOJSON, cast.diane)
        export_jobs.run(file.pk)
    file.refresh_from_db()
    assert file.state == ExportState.DONE and TEXT in export_jobs.path_of(file).read_text()
    client = signed_in(cast.diane)
    address = reverse("mapping:export_file", args=[file.pk])
    assert client.get(address).status_code == 200

    REMOVALS[how](note, cast)
    runner.run()
    answer = client.get(address)
    assert answer.status_code == 302 and answer["Location"] == reverse("mapping:report", args=[report.pk])
    page = page_of(client, report)
    assert TEXT not in page and WITHOUT in page
    with translation.override("en"):
        again = export_jobs.ask_for_report_file(report, ExportFormat.GEOJSON, cast.diane)
    assert again.pk != file.pk


def test_an_agreed_note_outlives_its_days_on_the_map_until_the_retention_of_reports(
    report: ZoneReport, note: FieldNote, city: City, cast: Cast, head: User
) -> None:
    unanswered = note_in(report, city.nord, cast.maraude, cast.bob)
    quoting.choose(report, [note.pk, unanswered.pk], cast.diane)
    quoting.answer(QuotedNote.objects.get(note=note), agreed=True, by=head)
    FieldNote.objects.update(expires_at=timezone.now() - timedelta(hours=1))
    runner.run()
    assert [words.text for words in quoting.words_of(report)] == [TEXT]
    assert list(FieldNote.objects.all()) == [note]
    ZoneReport.objects.update(made_at=timezone.now() - timedelta(days=61))
    runner.run()
    assert not FieldNote.objects.exists() and not QuotedNote.objects.exists()
    report.refresh_from_db()
    with translation.override("en"):
        assert quoting.without_words(report) == "", "the cover cannot say any more whether there were words"


def test_the_words_survive_the_erasure_of_their_author_s_account_without_the_author(
    report: ZoneReport, note: FieldNote, cast: Cast, head: User
) -> None:
    quoting.choose(report, [note.pk], cast.diane)
    quoting.answer(QuotedNote.objects.get(), agreed=True, by=head)
    erasure.erase_account(cast.bob)
    note.refresh_from_db()
    assert note.author is None and [words.text for words in quoting.words_of(report)] == [TEXT]
