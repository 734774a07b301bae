"""Crisis mode: opening an event, reporting to it, what its map and its list show, who may look."""

import io
import random
import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from PIL import Image
from pytest_django import DjangoAssertNumQueries, Settings

from mapping.models import CellTouch
from needs.attachments import photos
from needs.crises import crisis_events, report_list
from needs.crises.report_list import CrisisFilter
from needs.enums import NeedState
from needs.models import Crisis, Need, NeedPhoto, SavedSearch
from needs.reports import intake
from needs.saved_searches import alerts
from tests.needs.attachments.test_photos import picture, with_position
from tests.needs.crises.crisis_cases import event, filled, opened
from tests.support import Cast, City, SignedIn
from volunteers.enums import Topic
from volunteers.models import Notification

INSIDE, OUTSIDE = ("48.866000", "2.350000"), ("48.855000", "2.350000")


@pytest.fixture
def crisis(cast: Cast) -> Crisis:
    return opened(cast.diane)


def typed(crisis: Crisis, **changes: Any) -> dict[str, Any]:
    """What somebody typed on the public page."""
    values = {
        "id": str(uuid.uuid4()), "category": crisis.categories.all()[1].pk, "place_text": "under the bridge",
        "latitude": "", "longitude": "", "urgency": "now", "persons": "2", "text": "two people without a blanket",
        "contact": "06 12 34 56 78",
    }  # fmt: skip
    return {**values, **changes}


def upload(data: bytes, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, "image/jpeg")


def report(crisis: Crisis, client: Client | None = None, **changes: Any) -> Any:
    return (client or Client()).post(f"/crisis/{crisis.slug}/", typed(crisis, **changes))


# --- the public page -----------------------------------------------------------------------------------------------


def test_anybody_reports_without_account_and_gets_the_private_link(crisis: Crisis) -> None:
    answer = report(crisis, latitude=INSIDE[0], longitude=INSIDE[1])
    assert answer.status_code == 302
    assert answer["Location"].startswith("/follow/")
    need = Need.objects.get()
    assert (need.crisis, need.crisis_category, need.kinds) == (crisis, crisis.categories.all()[1], ["blanket"])
    assert (need.state, need.urgency, need.persons) == (NeedState.NEW, "now", 2)
    assert b"06 12" not in bytes(need.contact)
    assert CellTouch.objects.filter(report=need.pk).exists()
    assert Client().get(answer["Location"]).status_code == 200


def test_the_emergency_numbers_come_before_the_form_and_the_categories_are_in_the_readers_language(
    crisis: Crisis,
) -> None:
    page = Client().get(f"/crisis/{crisis.slug}/", headers={"accept-language": "fr"}).content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    assert main.index('href="tel:112"') < main.index("<form")
    assert "Couvertures, vêtements chauds" in main
    assert "The town hall is open all night." in main
    english = Client().get(f"/crisis/{crisis.slug}/", headers={"accept-language": "en"}).content.decode()
    assert "Blankets, warm clothes" in english


def test_a_photo_is_encoded_anew_before_it_is_stored(crisis: Crisis) -> None:
    assert report(crisis, photo=upload(with_position())).status_code == 302
    photo = NeedPhoto.objects.get()
    with photo.image.open("rb") as stored:
        data = stored.read()
    assert not dict(Image.open(io.BytesIO(data)).getexif())
    assert b"Telephone" not in data
    assert photo.image.name.endswith(f"{photo.pk}.jpg")


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (b"not a picture", "no photo that we can read"),
        (picture("GIF"), "no photo that we can read"),
        (picture("PNG", (10_000, 6_000)), "too big to open safely"),
        (picture(comment=b"<script>"), "Something else is hidden"),
        (picture() + b"\0" * photos.MOST_BYTES, "larger than 5 MB"),
    ],
)
def test_a_photo_that_is_not_taken_is_named_and_what_was_typed_is_kept(crisis: Crisis, sent: bytes, words: str) -> None:
    answer = report(crisis, photo=upload(sent))
    page = answer.content.decode()
    assert answer.status_code == 400
    assert words in page
    for kept in ("two people without a blanket", "under the bridge", "06 12 34 56 78"):
        assert kept in page
    assert not Need.objects.exists()
    again = {name: value for name, value in answer.context["form"].data.items() if name != "photo"}
    assert Client().post(f"/crisis/{crisis.slug}/", again).status_code == 302


def test_a_good_photo_beside_another_mistake_has_to_be_chosen_once_more(crisis: Crisis) -> None:
    page = report(crisis, place_text="", photo=upload(picture())).content.decode()
    assert "Say where it is" in page
    assert "choose the photo once more" in page


@pytest.mark.parametrize(
    ("wrong", "cure"),
    [
        ({"category": ""}, "Choose what it is"),
        ({"category": "999999"}, "Select a valid choice"),
        ({"place_text": ""}, "Say where it is"),
        ({"latitude": "48.8"}, "both latitude and longitude"),
        ({"urgency": ""}, "Say how urgent"),
    ],
)
def test_an_error_names_its_cure(crisis: Crisis, wrong: dict[str, Any], cure: str) -> None:
    answer = report(crisis, **wrong)
    assert answer.status_code == 400
    assert cure in answer.content.decode()


def test_the_same_report_sent_twice_is_one_with_one_photo(crisis: Crisis) -> None:
    form = typed(crisis)
    links = {
        Client().post(f"/crisis/{crisis.slug}/", {**form, "photo": upload(picture())})["Location"] for _time in range(2)
    }
    assert len(links) == 1
    assert (Need.objects.count(), NeedPhoto.objects.count()) == (1, 1)


def test_other_content_under_the_same_number_is_refused_and_adds_no_photo(crisis: Crisis) -> None:
    form = typed(crisis)
    report(crisis, id=form["id"])
    assert report(crisis, id=form["id"], text="another", photo=upload(picture())).status_code == 409
    assert not NeedPhoto.objects.exists()


def test_past_the_limit_reports_wait_for_a_moderator_and_none_is_dropped(crisis: Crisis, settings: Settings) -> None:
    settings.ANONYMOUS_PER_HOUR = 2
    client = Client()
    for _time in range(4):
        assert report(crisis, client).status_code == 302
    states = list(Need.objects.filter(crisis=crisis).order_by("filed_at").values_list("state", flat=True))
    assert states == ["new", "new", "held", "held"]
    assert intake.DEVICE_COOKIE in client.cookies


def test_the_page_of_an_event_that_is_over_says_so_and_where_to_report(crisis: Crisis) -> None:
    crisis_events.close(crisis)
    page = Client().get(f"/crisis/{crisis.slug}/").content.decode()
    assert "This is over" in page
    assert 'href="/help/"' in page
    assert "<textarea" not in page


def test_a_report_whose_form_was_open_when_the_event_ended_is_kept_as_a_need(crisis: Crisis) -> None:
    crisis_events.close(crisis)
    assert report(crisis, photo=upload(picture())).status_code == 302
    need = Need.objects.get()
    assert (need.crisis, need.crisis_category, need.kinds) == (None, None, ["blanket"])
    assert need.photos.count() == 1


def test_an_event_that_has_not_begun_is_nothing_yet(cast: Cast) -> None:
    coming = opened(cast.diane, starts_at=timezone.now() + timedelta(hours=1))
    assert Client().get(f"/crisis/{coming.slug}/").status_code == 404
    assert Client().get("/crisis/nothing/").status_code == 404


def test_an_event_ends_at_its_hour_and_can_be_opened_again(cast: Cast) -> None:
    crisis = opened(cast.diane, ends_at=timezone.now() - timedelta(minutes=1))
    assert "This is over" in Client().get(f"/crisis/{crisis.slug}/").content.decode()
    crisis_events.close(crisis)
    crisis_events.reopen(crisis)
    assert report(crisis).status_code == 302
    assert Need.objects.get().crisis == crisis


# --- coordinators --------------------------------------------------------------------------------------------------


def entered(**changes: Any) -> dict[str, Any]:
    """What a coordinator typed."""
    rows = [("Blankets", "Couvertures", "blanket"), ("Water", "De l’eau", "water"), ("", "", "other")]
    values = {
        "name": "Crue", "message": "Montez à l’étage.", "starts_at": "2026-01-01T08:00", "ends_at": "",
        "where": "territory", "territory": "nord", "radius": "5000", "corners": "[]", "latitude": "", "longitude": "",
        "category-TOTAL_FORMS": len(rows), "category-INITIAL_FORMS": 0,
    }  # fmt: skip
    for number, (english, french, kind) in enumerate(rows):
        values |= {
            f"category-{number}-name_en": english, f"category-{number}-name_fr": french,
            f"category-{number}-kind": kind, f"category-{number}-key": "",
        }  # fmt: skip
    return {**values, **changes}


def test_a_coordinator_opens_changes_closes_and_reopens_an_event(cast: Cast, signed_in: SignedIn) -> None:
    diane = signed_in(cast.diane)
    fresh = diane.get("/map/crises/new/").content.decode()
    assert "Couvertures, vêtements chauds" in fresh  # there is something to start with
    assert diane.post("/map/crises/new/", entered()).status_code == 302
    crisis = Crisis.objects.get()
    assert (crisis.slug, crisis.author) == ("crue", cast.diane)
    assert [category.names["fr"] for category in crisis.categories.all()] == ["Couvertures", "De l’eau"]
    assert "/crisis/crue/" in diane.get("/map/crises/").content.decode()
    keys = [category.pk for category in crisis.categories.all()]
    swapped = {
        "category-0-key": keys[0], "category-0-name_en": "Water", "category-0-name_fr": "Eau",
        "category-1-key": keys[1], "category-1-name_en": "Blankets", "category-1-name_fr": "Couvertures",
        "name": "Crue de la Seine", "where": "keep",
    }  # fmt: skip
    assert diane.post("/map/crises/crue/change/", entered(**swapped)).status_code == 302
    crisis.refresh_from_db()
    assert (crisis.slug, crisis.name) == ("crue", "Crue de la Seine")
    assert [category.pk for category in crisis.categories.all()] == keys
    assert [category.names["en"] for category in crisis.categories.all()] == ["Water", "Blankets"]
    diane.post("/map/crises/crue/close/")
    assert "This is over" in Client().get("/crisis/crue/").content.decode()
    diane.post("/map/crises/crue/reopen/")
    assert "This is over" not in Client().get("/crisis/crue/").content.decode()


@pytest.mark.parametrize(
    ("wrong", "cure"),
    [
        ({"name": ""}, "This field is required"),
        ({"ends_at": "2025-12-31T08:00"}, "The end lies before the beginning"),
        ({"where": "circle", "latitude": "43.3", "longitude": "5.4"}, "You coordinate no territory there"),
        ({"where": "drawn", "corners": "[[2.3,48.8],[2.4,48.9]]"}, "at least three corners"),
        ({"category-0-name_fr": ""}, "Name it in both languages"),
        ({"category-1-name_en": "Blankets"}, "the same name in English"),
        (
            {"category-0-name_en": "", "category-0-name_fr": "", "category-1-name_en": "", "category-1-name_fr": ""},
            "Name at least one thing",
        ),
    ],
)
def test_a_mistake_of_the_coordinator_is_named(
    cast: Cast, signed_in: SignedIn, wrong: dict[str, Any], cure: str
) -> None:
    answer = signed_in(cast.diane).post("/map/crises/new/", entered(**wrong))
    assert answer.status_code == 400
    assert cure in answer.content.decode()
    assert not Crisis.objects.exists()


def test_an_area_can_be_drawn(cast: Cast, signed_in: SignedIn) -> None:
    drawn = entered(where="drawn", corners="[[2.34,48.86],[2.36,48.86],[2.35,48.87]]")
    assert signed_in(cast.diane).post("/map/crises/new/", drawn).status_code == 302
    assert Crisis.objects.get().area.num_points == 4


def test_a_category_that_reports_were_filed_under_cannot_be_taken_away(
    crisis: Crisis, cast: Cast, signed_in: SignedIn
) -> None:
    report(crisis)
    answer = signed_in(cast.diane).post(f"/map/crises/{crisis.slug}/change/", entered(where="keep"))
    assert answer.status_code == 400
    assert "Blankets, warm clothes" in answer.content.decode()
    assert crisis.categories.count() == 5


@pytest.mark.parametrize("who", ["alice", "bob", "carol", "edith", "greta"])
def test_others_cannot_open_or_close_events(crisis: Crisis, cast: Cast, signed_in: SignedIn, who: str) -> None:
    client = signed_in(getattr(cast, who))
    for address in ("", "new/", f"{crisis.slug}/change/"):
        assert client.get(f"/map/crises/{address}").status_code == 404
    for verb in ("close", "reopen"):
        assert client.post(f"/map/crises/{crisis.slug}/{verb}/").status_code == 404
    crisis.refresh_from_db()
    assert crisis.closed_at is None


# --- who may look --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "status"),
    [("alice", 404), ("bob", 404), ("edith", 404), ("greta", 404), ("carol", 200), ("diane", 200), ("farid", 200)],
)
def test_reports_and_photos_are_for_dispatchers_and_coordinators_alone(
    crisis: Crisis, cast: Cast, signed_in: SignedIn, who: str, status: int
) -> None:
    report(crisis, photo=upload(picture()))
    photo = NeedPhoto.objects.get()
    client = signed_in(getattr(cast, who))
    base = f"/crises/{crisis.slug}/"
    for address in ("/crises/", base, f"{base}reports/", f"{base}list/", f"/photos/{photo.pk}/"):
        assert client.get(address).status_code == status, address
        assert Client().get(address).status_code == 302, address


def test_a_photo_is_served_as_a_picture_and_kept_in_no_cache(crisis: Crisis, cast: Cast, signed_in: SignedIn) -> None:
    report(crisis, photo=upload(picture()))
    photo = NeedPhoto.objects.get()
    answer = signed_in(cast.carol).get(f"/photos/{photo.pk}/")
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    assert b"".join(answer.streaming_content)[:2] == b"\xff\xd8"  # type: ignore[attr-defined]
    for public in (f"/media/{photo.image.name}", f"/static/{photo.image.name}", f"/{photo.image.name}"):
        assert Client().get(public).status_code == 404


def test_the_coordinator_of_another_place_sees_nothing(
    crisis: Crisis, cast: Cast, signed_in: SignedIn, city: City
) -> None:
    from volunteers.models import Assignment

    Assignment.objects.filter(user=cast.diane).update(territory=city.sud)
    elsewhere = opened(cast.farid, "Crue", area=event().area)
    Crisis.objects.filter(pk=elsewhere.pk).update(area="SRID=4326;MULTIPOLYGON(((5 43,5.1 43,5.1 43.1,5 43)))")
    client = signed_in(cast.diane)
    assert client.get(f"/crises/{elsewhere.slug}/").status_code == 404
    assert client.get(f"/map/crises/{elsewhere.slug}/change/").status_code == 404
    assert client.get(f"/crises/{crisis.slug}/").status_code == 200  # the one that she opened


def test_a_coordinator_sees_cells_and_no_words_or_places(crisis: Crisis, cast: Cast, signed_in: SignedIn) -> None:
    report(crisis, latitude=INSIDE[0], longitude=INSIDE[1])
    need = Need.objects.get()
    for who, exact in ((cast.carol, True), (cast.diane, False)):
        client = signed_in(who)
        page = client.get(f"/crises/{crisis.slug}/").content.decode()
        assert ("under the bridge" in page, "two people" in page, f"/triage/{need.pk}/" in page) == (exact,) * 3
        row = report_list.ROW.unpack(client.get(f"/crises/{crisis.slug}/reports/").content)
        assert (row[1:3] == (2_350_000, 48_866_000)) is exact


# --- the map and the list ------------------------------------------------------------------------------------------


def rows_of(crisis: Crisis, *, exact: bool = True) -> list[tuple[Any, ...]]:
    return list(report_list.ROW.iter_unpack(report_list.packed_reports(crisis, timezone.now(), exact=exact)))


def test_exact_places_leave_the_map_after_three_days_also_before_they_are_deleted(crisis: Crisis) -> None:
    report(crisis, latitude=INSIDE[0], longitude=INSIDE[1])
    Need.objects.update(filed_at=timezone.now() - timedelta(hours=73))
    assert Need.objects.get().point is not None
    ((_id, lng, lat, *_rest, flags),) = rows_of(crisis)
    assert (lng, lat) != (2_350_000, 48_866_000)
    assert flags & report_list.AREA_ONLY


def test_a_report_from_outside_the_area_is_kept_and_marked(crisis: Crisis, cast: Cast, signed_in: SignedIn) -> None:
    report(crisis, latitude=OUTSIDE[0], longitude=OUTSIDE[1])
    assert rows_of(crisis)[0][-1] & report_list.OUTSIDE
    assert "outside the area" in signed_in(cast.carol).get(f"/crises/{crisis.slug}/").content.decode()
    Need.objects.update(point=None)
    assert rows_of(crisis)[0][-1] & report_list.OUTSIDE
    report(crisis, latitude=INSIDE[0], longitude=INSIDE[1])
    assert [bool(row[-1] & report_list.OUTSIDE) for row in rows_of(crisis)] == [False, True]


def test_a_report_in_words_alone_is_in_the_list_and_not_on_the_map(crisis: Crisis) -> None:
    report(crisis)
    assert rows_of(crisis)[0][-1] & report_list.NO_PLACE
    assert len(report_list.matching_keys(crisis, CrisisFilter(), timezone.now(), exact=True)) == 1


def chosen(crisis: Crisis, chance: random.Random) -> CrisisFilter:
    """Any filter."""
    query = QueryDict(mutable=True)
    for name, values in (
        ("topics", [str(category.pk) for category in crisis.categories.all()]),
        ("urgency", list(report_list.URGENCIES)),
        ("states", list(report_list.STATES)),
    ):
        if chance.random() < 0.5:
            query.setlist(name, chance.sample(values, chance.randint(1, len(values))))
    begin, end = sorted(timezone.now() - timedelta(hours=chance.uniform(-1, 140)) for _end in range(2))
    if chance.random() < 0.5:
        query["start"] = begin.strftime("%Y-%m-%dT%H:%MZ")
    if chance.random() < 0.5:
        query["end"] = end.strftime("%Y-%m-%dT%H:%M:59Z")
    if chance.random() < 0.4:
        west, south = chance.uniform(2.33, 2.35), chance.uniform(48.85, 48.86)
        query["box"] = f"{west:.6f},{south:.6f},{west + 0.02:.6f},{south + 0.01:.6f}"
    return CrisisFilter.from_querystring(query)


def kept(row: tuple[Any, ...], wanted: CrisisFilter, topics: list[int]) -> bool:
    """What the map's script does with a row (solidarity/crises/crisis-map.js)."""
    _key, lng, lat, at, topic, urgency, state, flags = row
    search, box = wanted.search, wanted.box
    inside = True
    if box:
        west, south, east, north = (round(value * 1e6) for value in box)
        inside = not flags & report_list.NO_PLACE and west <= lng <= east and south <= lat <= north
    return (
        (not search.topics or topics[topic - 1] in search.topics)
        and (not search.urgency or report_list.URGENCIES[urgency] in search.urgency)
        and (not search.states or report_list.STATES[state] in search.states)
        and (wanted.start is None or at >= int(wanted.start.timestamp()))
        and (wanted.end is None or at <= int(wanted.end.timestamp()))
        and inside
    )


def test_the_map_and_the_list_find_the_same_reports_under_any_filter(crisis: Crisis) -> None:
    filled(crisis, 600)
    chance, now, rows = random.Random(7), timezone.now(), rows_of(crisis)  # noqa: S311
    topics, sizes = report_list.topics_of(crisis), set()
    for _time in range(120):
        wanted = chosen(crisis, chance)
        on_map = [uuid.UUID(bytes=row[0]) for row in rows if kept(row, wanted, topics)]
        assert on_map == report_list.matching_keys(crisis, wanted, now, exact=True), wanted
        sizes.add(len(on_map))
    assert len(sizes) > 20  # the filters are not all the same, nor all empty


def test_a_filter_survives_being_put_in_an_address(crisis: Crisis) -> None:
    chance = random.Random(8)  # noqa: S311
    for _time in range(60):
        wanted = chosen(crisis, chance)
        assert CrisisFilter.from_querystring(QueryDict(wanted.querystring)) == wanted


@pytest.mark.parametrize(
    "odd",
    ["start=yesterday", "end=2026-13-45T99:99", "box=1,2", "box=a,b,c,d", "box=5,5,1,1", "topics=x", "box=nan,0,1,1"],
)
def test_what_cannot_be_read_in_an_address_is_passed_over(odd: str) -> None:
    assert CrisisFilter.from_querystring(QueryDict(odd)) == CrisisFilter()


def test_the_list_turns_pages_under_a_filter_without_scripts(crisis: Crisis, cast: Cast, signed_in: SignedIn) -> None:
    filled(crisis, 200)
    client = signed_in(cast.carol)
    first = client.get(f"/crises/{crisis.slug}/?urgency=now")
    count = Need.objects.filter(urgency="now").count()
    assert first.context["page"].paginator.count == count
    seen = set()
    for number in range(1, first.context["page"].paginator.num_pages + 1):
        page = client.get(f"/crises/{crisis.slug}/?urgency=now&page={number}").content.decode()
        seen |= set(re.findall(r'data-line="([^"]+)"', page))
    assert len(seen) == count


def test_the_pages_ask_the_database_a_fixed_number_of_questions(
    crisis: Crisis, cast: Cast, signed_in: SignedIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    filled(crisis, 300)
    client, base = signed_in(cast.carol), f"/crises/{crisis.slug}/"
    for address, most in (
        ("/crises/", 10),
        (base, 20),
        (f"{base}reports/", 14),  # six of them write the look into the audit log
        (f"{base}list/?ids={Need.objects.all()[0].pk}", 9),
    ):
        with django_assert_max_num_queries(most):
            assert client.get(address).status_code == 200
    with django_assert_max_num_queries(6):
        Client().get(f"/crisis/{crisis.slug}/")


def test_the_list_shows_only_reports_of_its_event(crisis: Crisis, cast: Cast, signed_in: SignedIn) -> None:
    other = opened(cast.diane, "Crue")
    report(other)
    need = Need.objects.get()
    assert str(need.pk) not in signed_in(cast.carol).get(f"/crises/{crisis.slug}/list/?ids={need.pk}").content.decode()
    assert signed_in(cast.carol).get(f"/crises/{crisis.slug}/list/?ids=x").status_code == 404


def test_a_dispatcher_finds_the_photo_and_the_event_on_the_needs_page(
    crisis: Crisis, cast: Cast, signed_in: SignedIn
) -> None:
    report(crisis, photo=upload(picture()))
    page = signed_in(cast.carol).get(f"/triage/{Need.objects.get().pk}/").content.decode()
    assert f'src="/photos/{NeedPhoto.objects.get().pk}/"' in page
    assert f'href="/crises/{crisis.slug}/"' in page


# --- searches and alerts -------------------------------------------------------------------------------------------


def keep(client: Client, crisis: Crisis, query: str, **fields: Any) -> Any:
    return client.post(f"/crises/{crisis.slug}/searches/", {"name": "Blankets in the north", "query": query, **fields})


def test_a_kept_search_tells_of_new_reports_that_it_finds_and_of_no_others(
    crisis: Crisis, cast: Cast, signed_in: SignedIn
) -> None:
    carol, blankets = signed_in(cast.carol), crisis.categories.all()[1]
    keep(carol, crisis, f"topics={blankets.pk}&urgency=now&box=2.340000,48.863000,2.360000,48.870000", alert="on")
    search = SavedSearch.objects.get()
    assert (search.crisis, search.alert, search.query) == (crisis, True, {"topics": [blankets.pk], "urgency": ["now"]})
    assert "Blankets in the north" in carol.get(f"/crises/{crisis.slug}/").content.decode()
    here = {"latitude": INSIDE[0], "longitude": INSIDE[1]}
    other = opened(cast.diane, "Crue")
    report(crisis, urgency="later", **here)
    report(crisis, category=crisis.categories.all()[0].pk, **here)
    report(crisis, latitude=OUTSIDE[0], longitude=OUTSIDE[1])
    report(other, **here)
    assert alerts.send_new(timezone.now() + timedelta(minutes=2)) == 0
    report(crisis, **here)
    Need.objects.filter(crisis=crisis).update(filed_at=timezone.now() + timedelta(minutes=3))
    assert alerts.send_new(timezone.now() + timedelta(minutes=10)) == 1
    notification = Notification.objects.get(topic=Topic.ALERT)
    assert notification.user == cast.carol
    assert "1 new report" in f"{notification.title}"
    assert "Blankets" not in f"{notification.title} {notification.body}"
    Need.objects.filter(crisis=crisis).update(filed_at=timezone.now())
    page = carol.get(notification.path).content.decode()
    assert f'href="/crises/{crisis.slug}/"' in page
    assert "Blankets, warm clothes" in page


def test_searches_are_ones_own_and_shared_ones_can_be_read(crisis: Crisis, cast: Cast, signed_in: SignedIn) -> None:
    from volunteers.enums import Role
    from volunteers.models import Membership

    carol = signed_in(cast.carol)
    keep(carol, crisis, "urgency=now", association=cast.maraude.pk)
    search = SavedSearch.objects.get()
    Membership.objects.filter(user=cast.bob).update(role=Role.DISPATCHER)
    Membership.objects.filter(user=cast.edith).update(role=Role.DISPATCHER)
    assert "Blankets in the north" in signed_in(cast.bob).get(f"/crises/{crisis.slug}/").content.decode()
    assert "Blankets in the north" not in signed_in(cast.edith).get(f"/crises/{crisis.slug}/").content.decode()
    base = f"/crises/{crisis.slug}/searches/{search.pk}/"
    assert signed_in(cast.bob).post(f"{base}drop/").status_code == 404
    assert signed_in(cast.diane).post(f"{base}drop/").status_code == 404
    carol.post(f"{base}alert/", {"on": "1"})
    assert SavedSearch.objects.get().alert
    carol.post(f"{base}drop/")
    assert not SavedSearch.objects.exists()


def test_a_name_serves_for_one_event(crisis: Crisis, cast: Cast, signed_in: SignedIn) -> None:
    carol = signed_in(cast.carol)
    keep(carol, crisis, "urgency=now")
    other = opened(cast.diane, "Crue")
    assert keep(carol, other, "urgency=now").status_code == 302
    assert SavedSearch.objects.get().crisis == crisis
    keep(carol, crisis, "urgency=soon")
    assert SavedSearch.objects.get().query == {"urgency": ["soon"]}
