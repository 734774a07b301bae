"""The page says whether the count fits; a coordinator accepts a correction; a new count gives a threshold at once."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from mapping.coverage.unseen import unseen_estimate
from mapping.models import CheckedDay, CoverageSettings, Hindcast, Parameters
from mapping.plans.self_checks import calibration, cut_proposals, first_visit_wording
from mapping.plans.territory_setup import territory_changes
from mapping.plans.territory_setup.territory_changes import Values
from mapping.tasks import check_map
from tests.mapping.self_checks.test_checks import FLAT, LOW, checked, predicted, team
from tests.support import Cast, City, SignedIn
from volunteers.enums import CountKind
from volunteers.models import Notification, Territory
from volunteers.people.audit.models import AuditEntry
from volunteers.places.territories.people_counts import PeopleCount

pytestmark = pytest.mark.django_db


def visited(city: City, met: float, days: int = 40) -> None:
    """First visits of the last days, each expected to meet 5 people."""
    for back in range(3, 3 + days):
        CheckedDay.objects.create(
            territory=city.nord, day=timezone.localdate() - timedelta(days=back), bands=[0.0] * 60,
            likelihoods=[0.0] * len(calibration.FACTORS), meetings=[0.0] * 4, reported=[0.0] * 4,
            first_visits=[9, 5, met, 10],
        )  # fmt: skip


@pytest.fixture
def read(city: City, cast: Cast, signed_in: SignedIn, settings: Settings) -> Any:
    settings.MFA_REQUIRED = False
    long_ago = timezone.now() - timedelta(days=59)
    Territory.objects.filter(pk=city.root.pk).update(count_entered_at=long_ago, counted_on=long_ago.date())

    def page(slug: str = "ville", language: str = "en", by: Any = None) -> str:
        address = reverse("mapping:checks", args=[slug])
        answer = signed_in(by or cast.diane).get(address, headers={"accept-language": language})
        assert answer.status_code == 200
        return re.sub(r"\s+", " ", answer.content.decode()).replace("\xa0", " ")

    return page


def test_a_count_that_fits_is_said_with_its_range_and_nothing_is_proposed(read: Any, city: City) -> None:
    visited(city, 5)
    text = read()
    assert (
        "The count fits what teams find" in text and "they should have met about 200 people there. They met 200" in text
    )
    assert "That is 100 for each 100 expected (9 times in 10:" in text
    assert "checks/count/" not in text


def test_no_first_visit_is_said_without_a_row_of_zeros(read: Any, city: City) -> None:
    visited(city, 0, days=0)
    text = read()
    assert "no team made a first visit" in text and "They met 0" not in text


def test_few_visits_and_no_source_say_no_more_than_they_know(read: Any, city: City) -> None:
    visited(city, 5, days=2)
    assert "too few to say whether the count is right" in read()
    Territory.objects.filter(pk=city.root.pk).update(count_kind="")
    assert "Does the count fit?" not in read()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_an_alarm_proposes_a_number_that_the_coordinator_of_the_territory_accepts(
    read: Any, city: City, cast: Cast, signed_in: SignedIn, language: str
) -> None:
    visited(city, 11)
    text = read(language=language)
    number = re.search(r'name="persons" value="(\d+)"', text)
    assert number is not None and int(number[1]) == 150  # 2.2 × 70, two digits
    assert ("there are more people than were counted" in text) is (language == "en")
    assert 'name="persons"' not in read("nord")  # the count is the city's
    before = CoverageSettings.objects.get(territory=city.nord).m0
    client = signed_in(cast.diane)
    address = reverse("mapping:accept_correction", args=["ville"])
    assert client.post(address, {"persons": "999"}).status_code == 302
    assert Territory.objects.get(pk=city.root.pk).expected_persons == 70
    assert client.get(address).status_code == 405
    assert client.post(address, {"persons": number[1]})["Location"] == reverse("mapping:checks", args=["ville"])
    count = PeopleCount.of(Territory.objects.get(pk=city.root.pk))
    assert (count.persons, count.kind, count.counted_on) == (150, CountKind.ESTIMATE, timezone.localdate())
    assert (
        count.low is not None and count.high is not None and count.low < 150 < count.high and "70" in count.counted_by
    )
    assert CoverageSettings.objects.get(territory=city.nord).m0 == pytest.approx(before * 150 / 70)
    assert AuditEntry.objects.filter(verb="territory_changed").exists()
    assert not Hindcast.objects.exists()  # an estimate by teams is no count
    assert 'name="persons"' not in read()  # the test begins anew


def test_nobody_else_accepts_a_correction(city: City, cast: Cast, read: Any, signed_in: SignedIn) -> None:
    visited(city, 11)
    address = reverse("mapping:accept_correction", args=["ville"])
    for person in (cast.alice, cast.bob, cast.edith, cast.greta):
        assert signed_in(person).post(address, {"persons": "150"}).status_code == 404
    for junk in ("", "-1", "1e9", "9" * 400, "٣"):
        assert signed_in(cast.diane).post(address, {"persons": junk}).status_code == 302
    assert Territory.objects.get(pk=city.root.pk).expected_persons == 70


def test_the_page_says_what_the_map_misses_from_the_file_of_the_benchmark(read: Any) -> None:
    found = json.loads(first_visit_wording.FIGURES.read_text(encoding="utf-8"))["figures"]
    text = read()
    for name in ("unmet_found", "unmet_best", "recall_four", "recall_two"):
        assert f"{round(100 * found[name])} %" in text
    assert found["unmet_found"] < found["unmet_best"] and found["recall_two"] < found["recall_four"]


# --- a new count ---------------------------------------------------------------------------------------------------


def entered(city: City, cast: Cast, count: PeopleCount) -> None:
    city.root.refresh_from_db()
    territory_changes.change(city.root, Values("Ville", "city", None, count), cast.farid)


def test_a_new_count_gives_a_threshold_before_visits_confirm_it(
    city: City, cast: Cast, signed_in: SignedIn, settings: Settings
) -> None:
    settings.MFA_REQUIRED = False
    team(city.nord, cast.maraude, unlogged=2)
    predicted(city.nord, LOW)
    assert cut_proposals.propose_cuts() == 0  # the count is as old as the site
    entered(city, cast, PeopleCount(35, CountKind.COUNT, timezone.localdate()))
    assert cut_proposals.propose_cuts() == 0  # the map was predicted with the count before
    city.nord.refresh_from_db()
    predict_again(city)
    assert cut_proposals.propose_cuts() == 1 and cut_proposals.propose_cuts() == 0
    row = Parameters.objects.proposals().get()
    assert row.values["under_covered_at"] < 0.2 and row.grounds["count"] == 35
    page = (
        signed_in(cast.diane).get(f"{reverse('mapping:parameters', args=['nord'])}?proposal={row.pk}").content.decode()
    )
    assert "was entered anew: 35" in page


def predict_again(city: City) -> None:
    from mapping.models import Prediction

    Prediction.objects.all().delete()
    predicted(city.nord, LOW)


def test_a_new_count_gives_no_threshold_without_logged_time(city: City, cast: Cast) -> None:
    team(city.nord, cast.maraude, unlogged=8)
    team(city.nord, cast.other, unlogged=8)
    entered(city, cast, PeopleCount(35, CountKind.COUNT, timezone.localdate()))
    predict_again(city)
    assert cut_proposals.propose_cuts() == 0
    team(city.sud, cast.other, back=5, tours=60)
    assert cut_proposals.propose_cuts() == 1


def test_a_count_that_does_not_fit_gives_no_threshold(city: City, cast: Cast) -> None:
    team(city.nord, cast.maraude)
    entered(city, cast, PeopleCount(35, CountKind.COUNT, timezone.localdate()))
    Territory.objects.filter(pk=city.root.pk).update(count_entered_at=timezone.now() - timedelta(days=50))
    Parameters.objects.update(made_at=timezone.now() - timedelta(days=90))
    visited(city, 11)
    predict_again(city)
    assert cut_proposals.propose_cuts() == 0
    CheckedDay.objects.all().delete()
    assert cut_proposals.propose_cuts() == 1


def test_a_count_on_the_page_of_the_territory_becomes_a_hindcast_that_everybody_reads(
    city: City, cast: Cast, read: Any, signed_in: SignedIn, client: Any
) -> None:
    today = timezone.localdate()
    unseen_estimate.fill([today - timedelta(days=1)])
    said = {"name": "Ville", "level": "city", "parent": "", "expected_persons": "95", "count_kind": "count"}
    page = reverse("mapping:territory_page", args=["ville"])
    assert signed_in(cast.farid).post(page, said | {"counted_on": today.isoformat()}).status_code == 302
    row = Hindcast.objects.get()
    assert row.said == pytest.approx(70) and row.found == 95 and row.low < 70 < row.high
    home = re.sub(r"\s+", " ", client.get("/about/").content.decode())
    assert "we said 70 (" in home and "the count found 95." in home
    assert "the count found 95." in read()


def test_a_hindcast_is_hidden_where_the_site_publishes_no_estimate(city: City, client: Any, settings: Settings) -> None:
    Hindcast.objects.create(
        territory=city.root, day=timezone.localdate(), said=70, low=50, high=92, found=95, kind=CountKind.COUNT
    )
    assert "This is outside our range." not in client.get("/about/").content.decode()  # 95 is inside 50 to 95
    Hindcast.objects.update(found=96)
    assert "This is outside our range." in client.get("/about/").content.decode()
    settings.PUBLIC_UNSEEN_ESTIMATE = False
    assert "the count found" not in client.get("/about/").content.decode()


def test_checks_with_other_figures_still_work_beside_first_visits(read: Any, city: City) -> None:
    checked(city.nord, FLAT)
    assert 'data-verdict="holds"' in read()


# --- the alarm on the home page ------------------------------------------------------------------------------------

CARD = "The count does not fit what teams find"


def test_coordinators_read_on_their_home_page_that_a_count_does_not_fit(
    read: Any, city: City, cast: Cast, signed_in: SignedIn
) -> None:
    visited(city, 5)
    assert CARD not in home(signed_in, cast.diane)
    CheckedDay.objects.update(first_visits=[9, 5, 11, 10])
    text = home(signed_in, cast.diane)
    assert CARD in text and "there are more people than were counted" in text
    assert f'href="{reverse("mapping:checks", args=["ville"])}#first-visits"' in text
    for person in (cast.alice, cast.bob, cast.carol):
        assert CARD not in home(signed_in, person)
    entered(city, cast, PeopleCount(150, CountKind.COUNT, timezone.localdate()))
    assert CARD not in home(signed_in, cast.diane)  # the test begins anew


def home(signed_in: SignedIn, person: Any) -> str:
    page = signed_in(person).get("/").content.decode()
    return re.sub(r"\s+", " ", page)


def test_its_coordinators_are_told_once_for_each_count(read: Any, city: City, cast: Cast) -> None:
    visited(city, 5)
    check_map()
    assert not told().exists()
    CheckedDay.objects.update(first_visits=[9, 5, 11, 10])
    check_map()
    assert set(told().values_list("user", flat=True)) == {cast.diane.pk, cast.farid.pk}
    assert {(row.path, row.title) for row in told()} == {("/map/t/ville/checks/", "The count of Ville does not fit")}
    number = told().count()
    check_map()
    assert told().count() == number
    long_ago = timezone.now() - timedelta(days=58)
    Territory.objects.filter(pk=city.root.pk).update(count_entered_at=long_ago)  # another count, as wrong
    check_map()
    assert told().count() == 2 * number


def told() -> Any:
    return Notification.objects.filter(key__startswith="count-doubted:")
