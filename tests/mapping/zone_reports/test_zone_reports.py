"""Zone reports: permissions and content, on paper and on the screen."""

import io
import json
import re
import uuid
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pypdf
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from pytest_django import Settings

from mapping.coverage.folding import fold, territory_cells
from mapping.enums import ExportFormat
from mapping.models import Zone, ZoneReport
from mapping.out.exports.report_files import write_file
from mapping.out.report_figures.report_period import Period
from mapping.out.zone_reports import report_presenter
from mapping.out.zone_reports.compose import make_report
from needs.base.records.declarations import DraftPlace, EncounterDraft, NeedDraft
from needs.models import Need
from needs.reports import filing
from tests import filing_verbs
from tests.conftest import square
from tests.repetitions import again
from tests.street_maps import small_map
from tests.support import Cast, City, Seen, SignedIn
from volunteers.enums import Level
from volunteers.models import Assignment
from volunteers.places.basemap import installed

PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Reset the language: a request in French leaves French active in the process."""
    with translation.override("en"):
        yield


def report_of(city: City, cast: Cast, period: Period | None = None) -> ZoneReport:
    fold.fold_outbox()
    return make_report(city.root, period or Period.latest(), cast.diane)


def pdf_of(report: ZoneReport) -> pypdf.PdfReader:
    out = io.BytesIO()
    write_file(report, ExportFormat.PDF, out)
    return pypdf.PdfReader(out)


# --- permissions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["alice", "bob", "carol", "edith", "greta"])
def test_who_coordinates_nothing_finds_no_reports(city: City, cast: Cast, signed_in: SignedIn, name: str) -> None:
    report = report_of(city, cast)
    client = signed_in(getattr(cast, name))
    assert client.get(reverse("mapping:reports")).status_code == 404
    assert client.get(reverse("mapping:report", args=[report.pk])).status_code == 404
    assert client.post(reverse("mapping:report_file", args=[report.pk]), {"format": "csv"}).status_code == 404
    assert client.post(reverse("mapping:export_rows"), {"format": "csv"}).status_code == 404


def test_a_report_of_another_territory_answers_like_one_that_does_not_exist(
    city: City, cast: Cast, signed_in: SignedIn
) -> None:
    report = report_of(city, cast)
    Assignment.objects.filter(user=cast.diane).update(territory=city.nord)
    client = signed_in(cast.diane)
    assert client.get(reverse("mapping:reports")).status_code == 200
    assert client.get(reverse("mapping:report", args=[report.pk])).status_code == 404
    assert client.get(reverse("mapping:report", args=[uuid.uuid4()])).status_code == 404


def test_a_visitor_is_asked_to_sign_in(client: Client, city: City) -> None:
    assert client.get(reverse("mapping:reports")).status_code == 302


def test_a_coordinator_makes_a_report_and_reads_it(city: City, cast: Cast, seen: Seen, signed_in: SignedIn) -> None:
    seen(persons=4)
    fold.fold_outbox()
    client = signed_in(cast.diane)
    period = Period.latest()
    page = client.post(
        reverse("mapping:reports"),
        {"edition": "internal", "territory": "nord", "start": str(period.start), "end": str(period.end)},
        follow=True,
    )
    assert page.status_code == 200
    assert "Nord" in page.content.decode()
    assert ZoneReport.objects.get().payload["totals"]["people_met"] == 4


def test_the_form_starts_with_the_last_four_weeks(city: City, cast: Cast, signed_in: SignedIn) -> None:
    page = signed_in(cast.diane).get(reverse("mapping:reports")).content.decode()
    today = timezone.localdate()
    assert f'value="{today - timedelta(days=27)}"' in page
    assert f'value="{today}"' in page


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        (0, -3, "The last day comes before the first."),
        (-2000, 0, "At most three years at a time."),
        (0, 2, "The period cannot end after today."),
    ],
)
def test_a_period_that_cannot_be_is_refused(
    city: City, cast: Cast, signed_in: SignedIn, start: int, end: int, message: str
) -> None:
    today = timezone.localdate()
    days = {"start": today + timedelta(days=start), "end": today + timedelta(days=end)}
    values = {"territory": "ville", "edition": "internal"} | days
    page = signed_in(cast.diane).post(reverse("mapping:reports"), values)
    assert page.status_code == 422
    assert message in page.content.decode()
    assert not ZoneReport.objects.exists()


def test_a_territory_of_somebody_else_cannot_be_chosen(city: City, cast: Cast, signed_in: SignedIn) -> None:
    Assignment.objects.filter(user=cast.diane).update(territory=city.nord)
    today = timezone.localdate()
    page = signed_in(cast.diane).post(
        reverse("mapping:reports"), {"territory": "sud", "edition": "internal", "start": today, "end": today}
    )
    assert page.status_code == 422
    assert not ZoneReport.objects.exists()


# --- content -------------------------------------------------------------------------------------------------


def test_an_empty_territory_says_that_nobody_looked(city: City, cast: Cast, signed_in: SignedIn) -> None:
    report = report_of(city, cast)
    payload = report.payload
    assert payload["totals"]["encounters"] == 0
    assert payload["to_verify"]["cells"] == payload["cells"]
    page = signed_in(cast.diane).get(reverse("mapping:report", args=[report.pk])).content.decode()
    assert "Nothing was reported in this period." in page
    assert "This does not mean that nobody was there." in page
    assert len(pdf_of(report).pages) >= 2


def test_a_territory_without_zones_counts_the_cells_inside_its_border(city: City, cast: Cast, seen: Seen) -> None:
    """A neighbourhood council that covers parts of two districts has no zones, but its report counts the reports
    inside."""
    quarter = territory_cells.save_territory(
        "Quartier", square(48.860, 2.345, 48.868, 2.358), Level.NEIGHBOURHOOD, parent=city.root, zoned=False
    )
    seen(lat=48.864, lng=2.351, persons=3)
    seen(lat=48.873, lng=2.335, persons=5)
    fold.fold_outbox()
    payload = make_report(quarter, Period.latest(), cast.diane).payload
    assert payload["zones"] == []
    assert payload["totals"]["people_met"] == 3
    assert 0 < payload["cells"] < 20
    assert payload["models"][0]["version"] == 1


def test_a_day_begins_and_ends_at_local_midnight(city: City, cast: Cast) -> None:
    """Test the day on which clocks go back: it has 25 hours."""
    day = date(2025, 10, 26)
    moments = {
        "before": datetime(2025, 10, 25, 23, 59, tzinfo=PARIS),
        "first": datetime(2025, 10, 26, 0, 0, tzinfo=PARIS),
        "last": datetime(2025, 10, 26, 23, 59, tzinfo=PARIS),
        "after": datetime(2025, 10, 27, 0, 0, tzinfo=PARIS),
    }
    for persons, moment in zip((1, 10, 100, 1000), moments.values(), strict=True):
        draft = EncounterDraft(at=moment, place=DraftPlace(48.866, 2.350), persons=persons)
        filing_verbs.log_encounter(draft, association=cast.maraude.pk, author=cast.bob.pk)
    report = report_of(city, cast, Period(day, day))
    assert report.payload["totals"]["people_met"] == 110
    week = report_of(city, cast, Period(day - timedelta(days=7), day + timedelta(days=1))).payload["weeks"]
    assert [one["people_met"] for one in week] == [1, 1110]
    assert (Period(day, day).bounds[1] - Period(day, day).bounds[0].astimezone(ZoneInfo("UTC"))) == timedelta(hours=25)


def test_weeks_add_up_to_the_period(city: City, cast: Cast, seen: Seen) -> None:
    for days in (0, 1, 8, 15, 26):
        seen(hours_ago=24 * days + 0.01, persons=2, given=["food"], minutes=30)
    seen(hours_ago=50, persons=0)
    payload = report_of(city, cast).payload
    for name in ("people_met", "people_helped", "encounters", "nobody_met"):
        assert sum(week[name] for week in payload["weeks"]) == payload["totals"][name]
    assert payload["totals"]["people_met"] == 10
    assert payload["totals"]["nobody_met"] == 1
    assert payload["totals"]["hours"] == pytest.approx(2.5)
    assert len(payload["weeks"]) == 4


def test_what_was_taken_back_or_set_aside_does_not_count(city: City, cast: Cast, seen: Seen) -> None:
    from needs.enums import ReportKind

    filed = seen(persons=7)
    filing.retract(ReportKind.ENCOUNTER, filed.id, author=cast.bob.pk)
    for state in ("new", "duplicate", "rejected", "met"):
        draft = NeedDraft(
            at=timezone.now() - timedelta(hours=3), place=DraftPlace(48.866, 2.35), kinds=["food"], source=state
        )
        filing_verbs.report_need(draft, state=state)
    payload = report_of(city, cast).payload
    assert payload["totals"]["people_met"] == 0
    assert payload["totals"]["needs_new"] == 2
    assert payload["totals"]["needs_met"] == 1
    assert payload["categories"] == [{"category": "food", "asked": 2, "given": 0}]


def test_a_need_of_an_encounter_is_asked_for_once(city: City, cast: Cast, seen: Seen) -> None:
    filed = seen(asked=["tent"], given=["food"])
    draft = NeedDraft(at=timezone.now() - timedelta(hours=2), place=DraftPlace(48.866, 2.35), kinds=["tent"])
    filing_verbs.report_need(draft, encounter=filed.id, association=cast.maraude.pk)
    assert Need.objects.count() == 1
    found = {one["category"]: (one["asked"], one["given"]) for one in report_of(city, cast).payload["categories"]}
    assert found == {"tent": (1, 0), "food": (0, 1)}


def test_what_is_filed_after_the_cut_off_is_not_in_it(city: City, cast: Cast, seen: Seen) -> None:
    seen(persons=2)
    fold.fold_outbox()
    seen(persons=50)  # filed but not folded, so the zones do not include this report yet
    payload = make_report(city.root, Period.latest(), cast.diane).payload
    assert payload["totals"]["people_met"] == 2
    newest = max(zone.derived_at for zone in Zone.objects.live())
    assert datetime.fromisoformat(payload["cut_off"]) == newest.replace(microsecond=0)


def test_only_shared_notes_are_quoted_and_without_a_place(
    city: City, cast: Cast, seen: Seen, signed_in: SignedIn
) -> None:
    seen(note="they ask for <b>dry</b> blankets", note_pinned=True)
    seen(note="for the team alone", note_pinned=False)
    report = report_of(city, cast)
    [note] = report.payload["notes"]
    assert note["association"] == "Maraude du Nord"
    assert note["territory"] == "Nord"
    assert set(note) == {"day", "territory", "association", "text"}
    page = signed_in(cast.diane).get(reverse("mapping:report", args=[report.pk])).content.decode()
    assert "they ask for &lt;b&gt;dry&lt;/b&gt; blankets" in page
    assert "for the team alone" not in page


def test_the_payload_holds_no_exact_place(city: City, cast: Cast, seen: Seen) -> None:
    seen(lat=48.866123, lng=2.350456, note="here", note_pinned=True)
    text = json.dumps(report_of(city, cast).payload)
    assert "48.866123" not in text
    assert "2.350456" not in text


# --- in two languages, on paper ------------------------------------------------------------------------------------


def test_numbers_are_written_as_the_language_does(city: City, cast: Cast, seen: Seen) -> None:
    for _visit in range(3):
        seen(persons=412, minutes=35, given=["food"])
    report = report_of(city, cast)
    with translation.override("en"):
        english = {name: text for name, _label, text in report_presenter.present(report).cards}
    with translation.override("fr"):
        french = {name: text for name, _label, text in report_presenter.present(report).cards}
    assert english["people_met"] == "1,236"
    assert re.fullmatch(r"1\s236", french["people_met"])
    assert english["hours"] == "1.8"
    assert french["hours"] == "1,8"


@pytest.mark.parametrize("language", ["fr", again("en")])
def test_every_page_of_the_pdf_says_the_cut_off_and_the_model_version(
    city: City, cast: Cast, seen: Seen, language: str
) -> None:
    seen(persons=3, note="a shared note", note_pinned=True)
    report = report_of(city, cast)
    with translation.override(language):
        shown = report_presenter.present(report)
        pages = [" ".join(page.extract_text().split()) for page in pdf_of(report).pages]
    assert len(pages) >= 3
    for page in pages:
        assert " ".join(shown.cut_off.split()) in page
        assert " ".join(shown.model.split()) in page
    assert " ".join(shown.sentence.split()) in pages[0]
    assert any("a shared note" in page for page in pages)


def test_the_pdf_embeds_its_own_fonts(city: City, cast: Cast) -> None:
    reader = pdf_of(report_of(city, cast))
    resources = reader.pages[1]["/Resources"]
    assert isinstance(resources, pypdf.generic.DictionaryObject)
    listed = resources["/Font"]
    assert isinstance(listed, pypdf.generic.DictionaryObject)
    fonts = set()
    for one in listed.values():
        font = one.get_object()
        assert isinstance(font, pypdf.generic.DictionaryObject)
        fonts.add(str(font["/BaseFont"]))
    assert any("Atkinson" in name for name in fonts)


def test_the_installed_street_map_is_under_the_zones_on_screen_and_on_paper(
    city: City, cast: Cast, seen: Seen, settings: Settings, tmp_path: Path
) -> None:
    seen(persons=4)
    report = report_of(city, cast)
    without = report_presenter.present(report).zone_map
    settings.BASEMAP_ROOT = tmp_path
    installed.path().write_bytes(small_map())
    chart = report_presenter.present(report).zone_map
    assert "svg-road" not in without
    assert chart.index("svg-water") < chart.index("svg-zone") < chart.index("svg-road") < chart.index("svg-border")
    assert "Rue de Crimée" in chart
    assert "Rue de Crimée" in pdf_of(report).pages[0].extract_text()


def test_statuses_on_the_map_differ_by_more_than_colour(city: City, cast: Cast, seen: Seen) -> None:
    seen(persons=0, minutes=60)
    chart = report_presenter.present(report_of(city, cast)).zone_map
    zones = re.findall(r'data-status="(\w+)"[^>]*fill="([^"]+)"', chart)
    assert zones
    assert {fill for status, fill in zones if status == "not_searched"} <= {"url(#map-hatch)"}
    assert "aria-label=" in chart
    assert " style=" not in chart
