"""A city whose number of people has no source: its pages and mails plan by searches, needs and sightings, and ask for a
count."""

import re
from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from mapping.coverage.folding import fold
from mapping.map.releases import reading, release_filter
from mapping.out.digests import digest_content
from mapping.plans.tour_plans import stop_cells, without_count
from mapping.plans.tour_plans import tonight as nights
from mapping.plans.tour_plans.tour_suggestions import Budget, Reason
from needs.models import NextCrewWord
from solidarity.lib import grid
from tests.support import Cast, City, Seen, SignedIn
from volunteers.enums import CountKind
from volunteers.models import Territory, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories import people_counts

FIGURES = re.compile(
    r"People likely|[Pp]eople expected|likely to be unseen|chance(?! that help)|threshold|under-covered", re.I
)


@pytest.fixture
def uncounted(city: City) -> City:
    """The small city, whose number of people was invented, as after an upgrade."""
    Territory.objects.filter(slug="ville").update(count_kind="", count_source="")
    city.root.refresh_from_db()
    return city


def test_pages_of_a_city_without_a_count_show_no_number_of_people_and_ask_for_it(
    uncounted: City, cast: Cast, seen: Seen, signed_in: SignedIn
) -> None:
    seen(hours_ago=80)
    fold.fold_outbox()
    release_filter.publish_all()
    pages = {
        "diane": [
            "/",
            "/map/t/ville/dashboard/",
            "/map/t/ville/tonight/",
            "/map/t/ville/suggest/",
            "/map/t/ville/checks/",
        ],
        "bob": ["/map/t/ville/tonight/", "/map/t/ville/suggest/"],
    }
    for name, paths in pages.items():
        client = signed_in(getattr(cast, name))
        for path in paths:
            page = client.get(path).content.decode()
            main = page[page.index("<main") : page.index("</main>")]
            main = re.sub(r'<ul class="status-list">.*?</ul>', "", main, flags=re.S)  # the key of all statuses
            text = re.sub(r"<[^>]*>", " ", main)
            assert not FIGURES.search(text), (name, path, FIGURES.search(text))
            assert "needs a count first" in " ".join(text.split()), (name, path)
            assert ("/map/t/ville/count/" in main) == (name == "diane"), (name, path)


def test_a_suggested_tour_without_a_count_names_searches_needs_and_sightings(
    uncounted: City, cast: Cast, signed_in: SignedIn
) -> None:
    answers = {"amount": "120", "unit": "minutes", "mode": "foot", "start": "2031-01-05T20:00"}
    page = signed_in(cast.diane).post("/map/t/ville/suggest/", answers)
    assert page.context["steps"]
    assert all(pick.persons is None for pick, _name, _why in page.context["steps"])
    text = re.sub(r"<[^>]*>", " ", page.content.decode())
    assert "Last search: never." in text and not FIGURES.search(text[text.index("Suggest a tour") :])


def test_cells_are_worth_more_the_older_their_search_and_with_needs_and_sightings() -> None:
    days = np.array([0.0, 10.0, 28.0, np.inf, 10.0, 10.0])
    needs = np.array([0.0, 0.0, 0.0, 0.0, 1.0, 0.0])
    seen = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 2.0])
    worth = without_count.worth(days, seen, np.zeros(6), needs)
    assert worth[0] < worth[1] < worth[2] == worth[3] < worth[4] < worth[5]
    assert without_count.reason_of(1, 2.0) is Reason.OPEN_NEEDS
    assert without_count.reason_of(0, 2.0) is Reason.SIGHTINGS
    assert without_count.reason_of(0, 0.1) is Reason.OLDEST_UNSEARCHED


def test_the_planner_goes_where_needs_are_open_and_people_were_met(uncounted: City, cast: Cast, seen: Seen) -> None:
    seen(persons=6, hours_ago=30)
    fold.fold_outbox()
    found = nights.cell_estimates(reading.read(Viewer(cast.diane), uncounted.root))
    assert not found.counted and not found.mean.any() and found.seen.max() > without_count.LEAST_SEEN
    met = int(found.cell[found.seen.argmax()])
    near = [cell for cell in grid.neighbours(met) if found.rows_of([cell])]
    tour = nights.suggestion(found, nights.this_night(), Budget(60.0), needs={near[0]: 3})
    reasons = {pick.cell: pick.reason for pick in tour.cells}
    assert reasons[near[0]] is Reason.OPEN_NEEDS
    assert Reason.SIGHTINGS in {pick.reason for pick in stop_cells.chosen(found, [met, *near])}
    assert tour.persons == tour.unseen == 0


def test_gaps_without_a_count_begin_with_the_oldest_search(uncounted: City, cast: Cast, seen: Seen) -> None:
    seen(hours_ago=24 * 20)
    fold.fold_outbox()
    zones = list(nights.gaps(reading.read(Viewer(cast.diane), uncounted.root), []))
    assert zones
    assert {zone.status for zone in zones} <= set(nights.UNSEARCHED)
    never = -float("inf")
    last = [never if zone.last_search is None else zone.last_search for zone in zones]
    assert last == sorted(last)


def test_a_digest_names_no_status_without_a_count(uncounted: City, cast: Cast, told: object) -> None:
    now = timezone.now()
    told(2)  # type: ignore[operator]
    release_filter.publish_all()
    titles = {part.title for part in digest_content.sections_for(cast.diane, timedelta(days=7), now)}
    assert "Zones with a new status" not in titles
    Territory.objects.filter(slug="ville").update(count_kind=CountKind.OFFICIAL)
    titles = {part.title for part in digest_content.sections_for(cast.diane, timedelta(days=7), now)}
    assert "Zones with a new status" in titles


def test_a_digest_asks_coordinators_once_for_the_missing_count(uncounted: City, cast: Cast) -> None:
    now, title = timezone.now(), "A count is missing"

    def parts(user: User, days: int = 7) -> dict[str, digest_content.Section]:
        return {part.title: part for part in digest_content.sections_for(user, timedelta(days=days), now)}

    asked = parts(cast.diane)[title]
    assert asked.lines == ["Ville: nobody entered how many people live there without a home."]
    assert asked.path == "/map/t/ville/count/"
    for person in (cast.alice, cast.bob, cast.carol, cast.greta):
        assert title not in parts(person)
    assert parts(cast.diane, days=1) == {}, "a missing count alone is no mail each day"
    NextCrewWord.objects.create(territory=uncounted.nord, text="Behind the tree", at=now, expires_at=now + timedelta(1))
    assert list(parts(cast.diane, days=1)) == ["Words from the crews", title]
    Territory.objects.filter(slug="ville").update(count_kind=CountKind.OFFICIAL)
    assert title not in parts(cast.diane)


def test_the_line_about_a_missing_count_names_no_territory_below_that_of_the_reader(city: City, cast: Cast) -> None:
    Territory.objects.filter(slug="ville").update(expected_persons=None)
    Territory.objects.filter(slug="nord").update(expected_persons=30, count_kind=CountKind.COUNT)
    [part] = digest_content.sections_for(cast.diane, timedelta(days=7), timezone.now())
    assert part.lines[0].startswith("Ville: ")


@pytest.mark.parametrize("persons", ["2 500", "2\u00a0500", "2\u202f500"], ids=["space", "no-break", "narrow"])
def test_a_coordinator_enters_the_count_and_the_figures_come(
    uncounted: City, cast: Cast, signed_in: SignedIn, persons: str
) -> None:
    client = signed_in(cast.diane)
    answers = {
        "expected_persons": persons, "count_kind": "count", "counted_on": "2026-01-22", "count_source": "Nuit de la Solidarité",
        "count_link": "https://example.org/count", "count_error": "15",
    }  # fmt: skip
    assert client.post("/map/t/ville/count/", answers).status_code == 302
    count = people_counts.PeopleCount.of(Territory.objects.get(slug="ville"))
    assert (count.persons, count.kind, count.error) == (2500, "count", 0.15)
    page = client.get("/map/t/ville/tonight/").content.decode()
    assert "People expected in the planned cells" in page and "needs a count first" not in page
    assert "needs a count first" not in client.get("/").content.decode()


def test_the_form_proposes_no_invented_number_and_shows_a_known_one_whole(
    uncounted: City, cast: Cast, signed_in: SignedIn
) -> None:
    def shown() -> object:
        return signed_in(cast.diane).get("/map/t/ville/count/").context["form"]["expected_persons"].value()

    assert shown() is None
    Territory.objects.filter(slug="ville").update(count_kind=CountKind.OFFICIAL)
    assert (shown(), type(shown())) == (70, int)


def test_the_form_offers_no_choice_that_it_refuses(uncounted: City, cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.diane)
    kinds = dict(client.get("/map/t/ville/count/").context["form"].fields["count_kind"].choices)
    assert kinds.pop("") == "Choose one", "no kind is chosen for the reader"
    assert set(kinds) == set(CountKind)
    for kind in kinds:
        answers = {"expected_persons": "50", "count_kind": kind}
        assert client.post("/map/t/ville/count/", answers).status_code == 302, kind


def test_an_incomplete_count_is_refused_and_nothing_is_lost(uncounted: City, cast: Cast, signed_in: SignedIn) -> None:
    page = signed_in(cast.diane).post("/map/t/ville/count/", {"expected_persons": "", "count_source": "Croix-Rouge"})
    assert page.status_code == 422
    assert {"expected_persons", "count_kind"} <= set(page.context["form"].errors)
    assert "Croix-Rouge" in page.content.decode()


def test_only_the_topmost_territory_without_a_source_is_asked_for(uncounted: City) -> None:
    everything = Territory.objects.all()
    assert [each.slug for each in people_counts.to_count(everything)] == ["ville"]
    Territory.objects.filter(slug__in=["nord", "sud"]).update(expected_persons=30, count_kind=CountKind.COUNT)
    assert people_counts.to_count(everything) == []
    Territory.objects.filter(slug="sud").update(count_kind="")
    Territory.objects.filter(slug="ville").update(count_kind=CountKind.COUNT)
    assert [each.slug for each in people_counts.to_count(everything)] == ["sud"]
