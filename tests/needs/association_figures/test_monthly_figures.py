"""An association's monthly figures: what they count, that they outlive the reports, and who sees them."""

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta

import openpyxl
import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from needs.doors.association_figures import monthly_figures
from needs.doors.association_figures.monthly_figures import Figures
from needs.doors.retention import runner
from needs.enums import ReportKind
from needs.models import Aid, AssociationMonth, Encounter, Question, QuestionSet, Tour
from needs.reports import filing
from needs.tasks import count_figures
from tests.support import Cast, SignedIn

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 10, 14, 12, tzinfo=UTC)
OCTOBER = date(2026, 10, 1)


def encounter(cast: Cast, at: datetime = NOON, **more: object) -> Encounter:
    values: dict[str, object] = {"association": cast.maraude, "author": cast.bob, "at": at, "content_hash": "-"}
    return Encounter.objects.create(**{**values, "filed_at": at, **more})  # type: ignore[arg-type]


def tour(cast: Cast, at: datetime = NOON, minutes: int | None = 90, **more: object) -> Tour:
    end = at + timedelta(minutes=minutes) if minutes else None
    values: dict[str, object] = {"association": cast.maraude, "at": at, "ended_at": end, "content_hash": "-"}
    return Tour.objects.create(**{**values, "filed_at": at, **more})  # type: ignore[arg-type]


def october(cast: Cast, now: datetime = NOON) -> Figures:
    return monthly_figures.year_of(cast.maraude.pk, 2026, now).get(OCTOBER, Figures())


def reports(cast: Cast) -> None:
    tour(cast)
    tour(cast, minutes=None)
    encounter(cast, persons=3, contacts=2, asked=["food", "blanket"], given=["food"])
    encounter(cast, persons=0)
    encounter(cast, persons=5, contacts=5, asked=["food"], given=["food", "blanket"])
    Aid.objects.create(association=cast.maraude, at=NOON, filed_at=NOON, contacts=4, given=["food"], content_hash="-")


def test_a_month_counts_tours_hours_people_and_what_was_asked_and_given(cast: Cast) -> None:
    reports(cast)
    encounter(cast, association=cast.other, persons=50)
    encounter(cast, persons=50, retracted_at=NOON)
    monthly_figures.count(NOON)
    found = october(cast)
    assert (found.tours, found.hours, found.encounters, found.nobody_met) == (2, 1.5, 3, 1)
    assert (found.people_met, found.people_helped) == (8, 11)
    assert dict(found.asked) == {"food": 2, "blanket": 1}
    assert dict(found.given) == {"food": 3, "blanket": 1}


def test_a_tour_that_ended_a_minute_ago_is_counted_and_the_page_says_as_of_when(
    cast: Cast, signed_in: SignedIn
) -> None:
    now = timezone.now()
    monthly_figures.count(now - timedelta(days=1))
    ended = tour(cast, at=now - timedelta(minutes=61), minutes=60)
    year = timezone.localtime(ended.at).year
    client = signed_in(cast.bob)
    page = " ".join(client.get(f"/figures/{cast.maraude.slug}/", {"year": str(year)}).content.decode().split())
    assert '<p class="lead">Tours: 1 · hours: 1.0</p>' in re.sub(r"> | <", lambda m: m[0].strip(), page), (
        "and no people met"
    )
    assert page.index("Hours of tours") < page.index("People met")
    assert "What these figures do not show" in page and "forbid to pay or to rank associations" in page
    assert "As of" in page
    assert year in monthly_figures.years_of(cast.maraude.pk)


def test_open_months_read_now_equal_what_the_night_stores(cast: Cast) -> None:
    reports(cast)
    answered(cast)
    read = october(cast)
    monthly_figures.count(NOON)
    assert october(cast, NOON + timedelta(days=200)) == read
    assert read.tours == 2


def test_a_night_belongs_to_the_month_of_the_local_clock(cast: Cast) -> None:
    encounter(cast, at=datetime(2026, 9, 30, 22, 30, tzinfo=UTC))  # half past midnight in Paris
    monthly_figures.count(NOON)
    assert october(cast).encounters == 1


def test_the_figures_stay_when_retention_erases_the_reports(cast: Cast) -> None:
    reports(cast)
    monthly_figures.count(NOON)
    before = october(cast)
    later = NOON
    for _run in range(26):  # only every fifth night; in use, it runs each night
        later += timedelta(days=5)
        monthly_figures.count(later)
        runner.run(later)
    assert not Encounter.objects.exists()
    assert october(cast, later) == before


def test_no_report_of_an_open_month_has_been_erased_yet(cast: Cast) -> None:
    for days in range(400):
        now = NOON + timedelta(days=days)
        first = monthly_figures.first_open_month(now)
        assert first.day == 1
        start_of_deletion = (now - timedelta(days=settings.REPORT_DAYS)).date()
        assert first > start_of_deletion
        assert first <= now.date().replace(day=1)


def test_a_retracted_report_leaves_an_open_month(cast: Cast) -> None:
    report = encounter(cast, persons=3)
    monthly_figures.count(NOON)
    assert october(cast).people_met == 3
    filing.retract(ReportKind.ENCOUNTER, report.pk, author=cast.bob.pk, reason="x")
    monthly_figures.count(NOON)
    assert october(cast) == Figures()


def test_counting_twice_changes_nothing(cast: Cast) -> None:
    reports(cast)
    monthly_figures.count(NOON)
    before = AssociationMonth.objects.values().get(month=OCTOBER, association=cast.maraude)
    monthly_figures.count(NOON)
    assert AssociationMonth.objects.values().get(month=OCTOBER, association=cast.maraude) == before


def test_archived_reports_count_once_in_the_year_in_which_they_happened(cast: Cast) -> None:
    old = datetime(2019, 3, 5, 20, tzinfo=UTC)
    encounter(cast, at=old, persons=7, archive=True)
    monthly_figures.count(NOON)
    count_figures()
    assert monthly_figures.year_of(cast.maraude.pk, 2019)[date(2019, 3, 1)].people_met == 7
    assert 2019 in monthly_figures.years_of(cast.maraude.pk)
    assert not AssociationMonth.objects.filter(month__year=2019).exists()


def questions(cast: Cast) -> QuestionSet:
    made = QuestionSet.objects.create(association=cast.maraude, version=1)
    both = {"en": ["dog", "cat"], "fr": ["chien", "chat"]}
    Question.objects.create(
        of=made, key="q1", position=0, kind="yes_no", labels={"en": "First time?", "fr": "Première fois ?"}
    )
    Question.objects.create(of=made, key="q2", position=1, kind="number", labels={"en": "Coffees", "fr": "Cafés"})
    Question.objects.create(
        of=made, key="q3", position=2, kind="choice", labels={"en": "=Animal", "fr": "Animal"}, choice_labels=both
    )
    return made


def answered(cast: Cast) -> None:
    asked = questions(cast)
    encounter(cast, question_set=asked, answers={"q1": True, "q2": 3, "q3": 0})
    encounter(cast, question_set=asked, answers={"q1": False, "q2": 4, "q3": 0, "gone": 1})
    encounter(cast, question_set=asked, answers_in_words={"q4": "words"})


def test_the_answers_to_its_own_questions_are_counted(cast: Cast) -> None:
    answered(cast)
    monthly_figures.count(NOON)
    found = {each.labels["en"]: each for each in october(cast).answers.values()}
    assert dict(found["First time?"].counts) == {"yes": 1, "no": 1}
    assert (found["Coffees"].total, found["Coffees"].number) == (7, 2)
    assert dict(found["=Animal"].counts) == {"0": 2}


def as_rows(client: Client, cast: Cast) -> list[list[str]]:
    content = client.get(f"/figures/{cast.maraude.slug}/csv/", {"year": "2026"}).content
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def test_the_page_and_both_files_have_the_same_figures_in_words(cast: Cast, signed_in: SignedIn) -> None:
    reports(cast)
    answered(cast)
    monthly_figures.count(NOON)
    bob = signed_in(cast.bob)
    page = " ".join(bob.get(f"/figures/{cast.maraude.slug}/", {"year": "2026"}).content.decode().split())
    assert "October 2026" in page
    rows = as_rows(bob, cast)
    assert rows[0] == ["Figure", "October 2026", "Year"]
    figures = {row[0]: row[1:] for row in rows[1:]}
    assert figures["Hours of tours"] == ["1.5", "1.5"]
    assert figures["Asked: food"] == ["2", "2"]
    assert figures["Coffees (sum)"] == ["7", "7"]
    assert figures["'=Animal (dog)"] == ["2", "2"]  # a spreadsheet must not run a label as a formula
    content = bob.get(f"/figures/{cast.maraude.slug}/xlsx/", {"year": "2026"}).content
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book.active
    assert "forbid to pay or to rank" in str(book["Not shown"].cell(6, 1).value)
    assert sheet is not None
    cells = {row[0]: list(row[1:]) for row in sheet.iter_rows(values_only=True)}
    assert cells["Hours of tours"] == [1.5, 1.5]
    assert {label: [str(value) for value in values] for label, values in cells.items()} == {
        rows[0][0]: rows[0][1:],
        **figures,
    }
    for label in figures:
        assert label.removeprefix("'").split(":")[0] in page


def test_only_members_of_the_association_see_its_figures(cast: Cast, signed_in: SignedIn) -> None:
    reports(cast)
    monthly_figures.count(NOON)
    for address in ("", "csv/", "xlsx/"):
        url = f"/figures/{cast.maraude.slug}/{address}"
        for user in (cast.edith, cast.alice, cast.diane, cast.farid, cast.greta):
            assert signed_in(user).get(url).status_code == 404, user
        assert "/accounts/login/" in Client().get(url)["Location"]
        assert signed_in(cast.bob).get(url).status_code == 200
    assert signed_in(cast.edith).get("/figures/no-such-association/").status_code == 404


@pytest.mark.parametrize("year", ["x", "-1", "0", "99999999999", "٢٠٢٦", "2026.5"])
def test_a_year_that_cannot_be_is_not_found(year: str, cast: Cast, signed_in: SignedIn) -> None:
    assert signed_in(cast.bob).get(f"/figures/{cast.maraude.slug}/", {"year": year}).status_code == 404


def test_a_former_member_no_longer_sees_them(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.bob)
    cast.bob.memberships.update(left_at=timezone.now())
    assert client.get(f"/figures/{cast.maraude.slug}/").status_code == 404
