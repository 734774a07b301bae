"""A city in which only two associations report: an external report without counts, after both agreed."""

import csv
import io
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import openpyxl
import pypdf
import pytest
from django.urls import reverse
from django.utils import timezone, translation

from mapping.coverage.folding import fold
from mapping.enums import ExportFormat
from mapping.models import Export, ReportAgreement, ZoneReport
from mapping.out.exports import hxl_columns
from mapping.out.exports.report_files import write_file
from mapping.out.report_figures.report_period import Period
from mapping.out.zone_reports.external import report_agreements, status_report
from mapping.out.zone_reports.external.external_report import NothingPublished, external_report, make_external_report
from mapping.out.zone_reports.external.status_report import NotAgreed
from needs.base.records.declarations import DraftPlace, EncounterDraft, NeedDraft
from needs.models import Encounter
from tests import filing_verbs
from tests.support import Cast, City, SignedIn
from volunteers.enums import Role
from volunteers.models import Association, Membership, Notification, User

NUMBERS = (37, 41)  # people met; they occur nowhere else
ALONE = r"(?<![\w:-])\d+(?![\w:-])"  # a number that is no part of a time, a key or a token


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def meets(association: Association, author: User, persons: int, days_ago: int, lng: float = 2.35) -> None:
    draft = EncounterDraft(
        at=timezone.now() - timedelta(days=days_ago), place=DraftPlace(48.866, lng), persons=persons, minutes=30
    )
    filing_verbs.log_encounter(draft, association=association.pk, author=author.pk)


@pytest.fixture
def two(city: City, cast: Cast) -> Cast:
    """Two associations report in Ville. Each has a dispatcher: Carol and Edith."""
    Membership.objects.filter(user=cast.edith).update(role=Role.DISPATCHER)
    for days in range(12, 30, 4):
        meets(cast.maraude, cast.bob, NUMBERS[0], days)
        meets(cast.other, cast.edith, NUMBERS[1], days, 2.355)
    for kind, count in (("food", 3), ("hygiene", 2)):
        for _number in range(count):
            at = timezone.now() - timedelta(days=16)
            filing_verbs.report_need(NeedDraft(at=at, place=DraftPlace(48.866, 2.35), kinds=[kind]), state="met")
    fold.fold_outbox()
    return cast


def period() -> Period:
    today = timezone.localdate()
    return Period(today - timedelta(days=34), today)


def covered() -> Period:
    days = status_report.covered(period())
    assert days is not None
    return days


def asked(cast: Cast, city: City) -> dict[int, int]:
    """Ask both; return the key of each association's question."""
    pair = report_agreements.pair_of(city.root)
    assert pair is not None
    report_agreements.ask(city.root, pair)
    return dict(ReportAgreement.objects.values_list("association", "pk"))


def both_agree(cast: Cast, city: City, signed_in: SignedIn) -> None:
    keys = asked(cast, city)
    for person, association in ((cast.carol, cast.maraude), (cast.edith, cast.other)):
        address = reverse("mapping:answer_report_agreement", args=[keys[association.pk]])
        assert signed_in(person).post(address, {"answer": "agree"}).status_code == 302


def report_of(cast: Cast, city: City) -> ZoneReport:
    return make_external_report(city.root, period(), cast.diane, None, "The prefecture")


# --- the agreement -------------------------------------------------------------------------------------------------


def test_the_form_says_that_both_have_to_agree_and_who_has_not(two: Cast, city: City, signed_in: SignedIn) -> None:
    client, days = signed_in(two.diane), covered()
    form = {"territory": "ville", "edition": "external", "start": days.start, "end": days.end, "recipient": ""}
    page = client.post(reverse("mapping:reports"), form)
    assert page.status_code == 422
    text = " ".join(page.content.decode().split())
    assert "Only two associations report in Ville" in text and "not asked yet" in text
    assert not ZoneReport.objects.exists()
    client.post(reverse("mapping:ask_report_agreements", args=["ville"]))
    assert set(Notification.objects.values_list("user", flat=True)) >= {two.carol.pk, two.edith.pk}
    key = ReportAgreement.objects.get(association=two.maraude).pk
    page = signed_in(two.carol).get(reverse("mapping:report_agreements"))
    assert (
        "Ville" in page.content.decode()
        and page.content.decode().count('<form method="post" action="/map/reports/') == 1
    )
    signed_in(two.carol).post(reverse("mapping:answer_report_agreement", args=[key]), {"answer": "agree"})
    told = Notification.objects.filter(title="An association agreed to reports without counts")
    assert set(told.values_list("user", flat=True)) >= {two.edith.pk, two.diane.pk}
    text = " ".join(signed_in(two.diane).get(reverse("mapping:reports")).content.decode().split())
    assert "Maraude du Nord: agreed" in text and "Soupe du Sud: has not agreed" in text
    page = signed_in(two.diane).post(reverse("mapping:reports"), form)
    assert page.status_code == 422 and not ZoneReport.objects.exists()


def test_after_both_agreed_the_report_is_made_and_after_one_withdrew_no_more(
    two: Cast, city: City, signed_in: SignedIn
) -> None:
    both_agree(two, city, signed_in)
    days = covered()
    form = {"territory": "ville", "edition": "external", "start": days.start, "end": days.end, "recipient": ""}
    answer = signed_in(two.diane).post(reverse("mapping:reports"), form)
    assert answer.status_code == 302
    page = signed_in(two.diane).get(answer["Location"])
    assert page.status_code == 200
    text = " ".join(page.content.decode().split())
    assert "for a spreadsheet" in text and "charts" not in text and "with the figures" not in text
    key = ReportAgreement.objects.get(association=two.other).pk
    signed_in(two.edith).post(reverse("mapping:answer_report_agreement", args=[key]), {"answer": "withdraw"})
    assert Notification.objects.filter(user=two.carol, title__startswith="An association no longer agrees").exists()
    with pytest.raises(NotAgreed):
        report_of(two, city)
    with pytest.raises(NothingPublished):
        external_report(city.root, period(), "en")


# --- attacks -------------------------------------------------------------------------------------------------------


def test_nobody_answers_for_the_other_association(two: Cast, city: City, signed_in: SignedIn) -> None:
    """A dispatcher of one association, its members, a coordinator and an administrator try to agree for the other."""
    keys = asked(two, city)
    address = reverse("mapping:answer_report_agreement", args=[keys[two.other.pk]])
    nothing = reverse("mapping:answer_report_agreement", args=[keys[two.other.pk] + 1_000])
    for person in (two.carol, two.bob, two.diane, two.farid, two.greta):
        client = signed_in(person)
        answers = [client.post(each, {"answer": "agree", "association": two.other.pk}) for each in (address, nothing)]
        assert [answer.status_code for answer in answers] == [404, 404]
    Membership.objects.filter(user=two.edith).update(role=Role.MEMBER)
    assert signed_in(two.edith).post(address, {"answer": "agree"}).status_code == 404
    Membership.objects.filter(user=two.edith).update(role=Role.DISPATCHER, left_at=timezone.now())
    assert signed_in(two.edith).post(address, {"answer": "agree"}).status_code == 404
    assert not ReportAgreement.objects.exclude(agreed_at=None).exists()


def test_one_person_with_a_role_in_both_cannot_agree_twice(two: Cast, city: City, signed_in: SignedIn) -> None:
    Membership.objects.create(user=two.carol, association=two.other, role=Role.DISPATCHER)
    keys = asked(two, city)
    client = signed_in(two.carol)
    for key in keys.values():
        client.post(reverse("mapping:answer_report_agreement", args=[key]), {"answer": "agree"})
    assert ReportAgreement.objects.exclude(agreed_at=None).count() == 1
    with pytest.raises(NotAgreed):
        report_of(two, city)


def test_an_agreement_is_with_one_other_association_only(two: Cast, city: City, signed_in: SignedIn) -> None:
    """When a third association reports, no report without counts is made; when another takes the place of one of the
    two, both are asked again."""
    both_agree(two, city, signed_in)
    third = Association.objects.create(slug="third", name="Third")
    meets(third, two.greta, 5, 14)
    with pytest.raises(NothingPublished) as refused:
        report_of(two, city)
    assert not isinstance(refused.value, NotAgreed)
    Encounter.objects.filter(association=two.other).update(retracted_at=timezone.now())
    with pytest.raises(NotAgreed):
        report_of(two, city)


def test_only_the_coordinator_of_the_city_asks(two: Cast, signed_in: SignedIn) -> None:
    for person in (two.alice, two.bob, two.carol, two.edith, two.greta):
        answer = signed_in(person).post(reverse("mapping:ask_report_agreements", args=["ville"]))
        assert answer.status_code == 404
    assert not ReportAgreement.objects.exists()


# --- no counts -----------------------------------------------------------------------------------------------------


def test_no_file_has_a_count(two: Cast, city: City, signed_in: SignedIn, tmp_path: Path) -> None:
    both_agree(two, city, signed_in)
    report = report_of(two, city)
    assert set(report.payload) == {
        "layout", "without_counts", "territory", "period", "asked", "as_of", "recent_days", "parts", "shapes", "kinds",
    }  # fmt: skip
    assert report.payload["parts"] and all(
        set(row) == {"slug", "name", "status", "coverage"} for row in report.payload["parts"]
    )
    assert report.payload["kinds"] == ["food"]  # two needs of a kind are too few to name it
    files = {format: io.BytesIO() for format in ExportFormat}
    for format, out in files.items():
        write_file(report, format, out)
    texts = [signed_in(two.diane).get(reverse("mapping:report", args=[report.pk])).content.decode().split("</h1>")[1]]
    texts += [page.extract_text() for page in pypdf.PdfReader(files[ExportFormat.PDF]).pages]
    book = openpyxl.load_workbook(files[ExportFormat.XLSX])
    cells = [
        cell.value for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value is not None
    ]
    assert not [value for value in cells if isinstance(value, (int, float))]
    texts += [str(value) for value in cells]
    for format in (ExportFormat.CSV, ExportFormat.WORDS):
        texts.append(files[format].getvalue().decode("utf-8-sig"))
    whole = json.loads(files[ExportFormat.GEOJSON].getvalue())
    for feature in whole["features"]:
        assert not [value for value in feature["properties"].values() if isinstance(value, (int, float))]
        texts.append(str(feature["properties"]))
    assert set(whole["report"]) == {"territory", "period", "as_of", "kinds"}
    path = tmp_path / "report.gpkg"
    path.write_bytes(files[ExportFormat.GEOPACKAGE].getvalue())
    with closing(sqlite3.connect(path)) as base:
        names = [name for (name,) in base.execute("SELECT table_name FROM gpkg_contents")]
        for name in names:
            columns = {row[1] for row in base.execute(f'PRAGMA table_info("{name}")')}
            assert columns <= {"fid", "geom", "key", "name", "status", "status_label", "searched", "kind", "kind_label"}
    counts = {str(number) for number in (*NUMBERS, sum(NUMBERS), 5 * NUMBERS[0], 5 * NUMBERS[1])}
    for text in texts:
        found = [
            text[max(0, each.start() - 40) : each.end() + 40] for each in re.finditer(ALONE, text) if each[0] in counts
        ]
        assert found == []
    rows = list(csv.DictReader(io.StringIO(files[ExportFormat.CSV].getvalue().decode())))
    assert [row["name"] for row in rows] == [row["name"] for row in report.payload["parts"]]
    for format in (ExportFormat.CSV, ExportFormat.WORDS):
        assert hxl_columns.tags_of(Export(report=report, format=format))
