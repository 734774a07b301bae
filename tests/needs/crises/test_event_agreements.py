"""An event holds only in the territories whose own coordinators agreed."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from needs.base.event_rights import crisis_access, event_agreements
from needs.crises import crisis_events, report_list
from needs.crises.closing import open_reports
from needs.crises.crisis_events import as_multipolygon
from needs.help.assignments import assigning, group_members
from needs.help.exact_places.eligibility import may_take
from needs.help.records.refusals import Refusal
from needs.models import Crisis, Need, NeedPhoto, NeedQuerySet
from solidarity.lib.field_encryption import encrypt
from tests.needs.api_cases import TokenClient, file
from tests.needs.attachments.test_photos import picture
from tests.needs.crises.crisis_cases import INSIDE, OUTSIDE, event, filled, opened, report, upload
from tests.needs.crises.test_crisis_events import event_form
from tests.needs.crises.test_person_in_charge import coordinator
from tests.needs.exact_places.place_cases import HERE, look, refusal
from tests.streamed_answers import streamed
from tests.support import Cast, City, SignedIn
from volunteers.enums import Duty
from volunteers.models import Assignment, AuditEntry, Notification, NotificationSettings, Profile, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories import duties

IN_SUD = (48.8551, 2.3503)
CIRCLE = {
    "where": "circle",
    "latitude": str(IN_SUD[0]),
    "longitude": str(IN_SUD[1]),
    "radius": "10000",
    "territory": "",
}


@pytest.fixture
def paul(city: City) -> User:
    """Paul coordinates Sud only."""
    return coordinator("paul", city.sud)


@pytest.fixture
def nora(city: City) -> User:
    """Nora coordinates Nord only."""
    return coordinator("nora", city.nord)


@pytest.fixture
def whole(cast: Cast, city: City) -> Crisis:
    """A running event in the whole city, opened by its coordinator Diane."""
    return opened(cast.diane, "City", area=as_multipolygon(city.root.polygon))


@pytest.fixture
def stranger(cast: Cast) -> User:
    """Greta: no association knows her, but her telephone number is confirmed."""
    NotificationSettings.objects.create(user=cast.greta, phone=encrypt("+33612345678"))
    return cast.greta


def reported(crisis: Crisis, place: tuple[float, float], number: int = 3) -> list[Need]:
    made = [file(place) for _each in range(number)]
    Need.objects.filter(pk__in=[need.pk for need in made]).update(crisis=crisis)
    return list(Need.objects.filter(pk__in=[need.pk for need in made]))


def steer(client: Client, crisis: Crisis) -> list[int]:
    """Try everything that only those who lead an event may do; return the status of each answer."""
    base = f"/map/crises/{crisis.slug}"
    answers = [
        client.get(f"{base}/change/"),
        client.post(f"{base}/change/", event_form(phone_is_enough="on", **CIRCLE)),
        client.post(f"{base}/close/"),
        client.post(f"{base}/closing/", {"everything": "not_found"}),
        client.post(f"{base}/reopen/"),
    ]
    client.post(f"{base}/take-charge/")
    return [answer.status_code for answer in answers]


def test_attack_the_coordinator_of_one_district_opens_no_exact_places_of_the_city(
    whole: Crisis, cast: Cast, paul: User, stranger: User, signed_in: SignedIn
) -> None:
    needs = reported(whole, HERE)
    theirs = signed_in(paul)
    assert steer(theirs, whole) == [404] * 5
    Crisis.objects.filter(pk=whole.pk).update(in_charge=None)
    steer(theirs, whole)
    after = Crisis.objects.get(pk=whole.pk)
    assert (after.in_charge, after.closed_at, after.name) == (None, None, "City")
    assert after.area.equals_exact(whole.area, 1e-9)
    assert [refusal(need, stranger) for need in needs] == [Refusal.NOT_VOUCHED] * 3
    for crisis in (whole, _own_event(theirs)):  # his own territory is all that he can open
        theirs.post(f"/map/crises/{crisis.slug}/agreement/", {"answer": "agree", "phone_is_enough": "on"})
        in_nord, in_sud = reported(crisis, HERE), reported(crisis, IN_SUD, 1)
        assert [refusal(need, stranger) for need in in_nord] == [Refusal.NOT_VOUCHED] * 3
        assert may_take(stranger, in_sud[0])


def _own_event(client: Client) -> Crisis:
    """Open an event that is much larger than the coordinator's territory."""
    assert client.post("/map/crises/new/", event_form(phone_is_enough="on", **CIRCLE)).status_code == 302
    return Crisis.objects.get(slug="crue")


def test_attack_the_coordinator_of_one_district_reads_no_reports_and_photos_of_another(
    whole: Crisis, city: City, paul: User, cast: Cast, signed_in: SignedIn
) -> None:
    filled(whole, 45)
    for crisis in (whole, _own_event(signed_in(paul))):
        report(crisis, latitude=INSIDE[0], longitude=INSIDE[1], photo=upload(picture()))
        report(crisis, latitude=OUTSIDE[0], longitude=OUTSIDE[1], photo=upload(picture()), text="another place")
        report(crisis, photo=upload(picture()), text="nobody knows where")
        elsewhere, here, nowhere = [NeedPhoto.objects.get(need=need) for need in _with_photo(crisis)]
        theirs, in_sud = signed_in(paul), set(_readable(paul, crisis).values_list("pk", flat=True))
        assert here.need_id in in_sud and not {elsewhere.need_id, nowhere.need_id} & in_sud
        assert {duties.territory_of(need.cell) for need in Need.objects.filter(pk__in=in_sud)} == {city.sud}
        packed = theirs.get(f"/crises/{crisis.slug}/reports/").content
        assert len(packed) == len(in_sud) * report_list.ROW.size
        assert TokenClient(paul).ask(f"crises/{crisis.slug}/reports/").json()["count"] == len(in_sud)
        keys = f"{elsewhere.need_id},{here.need_id}"
        listed = theirs.get(f"/crises/{crisis.slug}/list/?ids={keys}").content.decode()
        assert str(here.pk) in listed and str(elsewhere.pk) not in listed
        assert [theirs.get(f"/photos/{each.pk}/").status_code for each in (elsewhere, nowhere)] == [404, 404]
        assert streamed(theirs.get(f"/photos/{here.pk}/"))
        assert not assigning.assignable_by(Viewer(paul)).filter(crisis=crisis).exclude(pk__in=in_sud).exists()
    assert _readable(cast.diane, whole).count() == 48  # she coordinates the whole area


def _with_photo(crisis: Crisis) -> list[Need]:
    """Return the reports with a photo: in Nord, in Sud, and without a place."""
    needs = Need.objects.filter(crisis=crisis, photos__isnull=False).order_by("filed_at")
    return list(needs)


def _readable(user: User, crisis: Crisis) -> NeedQuerySet:
    return crisis_access.reports_of(Viewer(user), crisis)


def test_attack_a_large_event_lists_no_volunteers_of_other_territories(
    cast: Cast, paul: User, signed_in: SignedIn
) -> None:
    from django.contrib.gis.geos import Point

    Profile.objects.update_or_create(user=cast.alice, defaults={"base": Point(HERE[1], HERE[0], srid=4326)})
    crisis = _own_event(signed_in(paul))
    group = group_members.make_group(crisis, "Boats", paul)
    assert cast.alice not in group_members.candidates(group)
    event_agreements.agree(crisis, Viewer(cast.diane), phone_is_enough=False)
    assert cast.alice in group_members.candidates(group)


def test_a_territory_takes_part_once_its_own_coordinator_agrees(
    paul: User, nora: User, stranger: User, signed_in: SignedIn
) -> None:
    crisis, theirs = _own_event(signed_in(paul)), signed_in(nora)
    [need] = reported(crisis, HERE, 1)
    page = theirs.get("/map/crises/").content.decode()
    assert "Nord: do you agree?" in page and "A confirmed telephone number is enough in: Sud." in page
    address = f"/map/crises/{crisis.slug}/agreement/"
    theirs.post(address, {"answer": "agree"})
    assert not may_take(stranger, need)
    theirs.post(address, {"answer": "agree", "phone_is_enough": "on"})
    assert look(need, stranger).need == need
    assert "All territories of its area take part." in theirs.get("/map/crises/").content.decode()
    theirs.post(address, {"answer": "withdraw"})
    assert not may_take(stranger, need)
    details = [entry.details for entry in AuditEntry.objects.filter(verb="crisis_changed").order_by("seq")]
    assert [(each["takes_part"], each["number_is_enough"]) for each in details] == [
        (True, False), (True, True), (False, False)
    ]  # fmt: skip


def test_the_area_holds_only_in_agreeing_territories(paul: User, nora: User, signed_in: SignedIn) -> None:
    crisis = _own_event(signed_in(paul))
    [need] = reported(crisis, HERE, 1)

    def is_outside() -> bool:
        places = report_list.shown_places(Need.objects.filter(pk=need.pk), crisis)
        return bool(places[need.pk].flags & report_list.OUTSIDE)

    assert is_outside()
    event_agreements.agree(crisis, Viewer(nora), phone_is_enough=False)
    assert not is_outside()


def test_reopening_asks_the_other_territories_again(
    paul: User, nora: User, stranger: User, signed_in: SignedIn
) -> None:
    client = signed_in(paul)
    crisis = _own_event(client)
    [need] = reported(crisis, HERE, 1)
    for way in ("reopen", "change"):
        event_agreements.agree(crisis, Viewer(nora), phone_is_enough=True)
        assert may_take(stranger, need)
        crisis_events.close(crisis)
        if way == "reopen":
            client.post(f"/map/crises/{crisis.slug}/reopen/")
        else:  # an end in the past, moved to the future
            Crisis.objects.filter(pk=crisis.pk).update(closed_at=None, ends_at=timezone.now() - timedelta(hours=1))
            sent = event_form(phone_is_enough="on", where="keep", territory="", **_keys(crisis))
            assert client.post(f"/map/crises/{crisis.slug}/change/", sent).status_code == 302
        assert Crisis.objects.running(timezone.now()).filter(pk=crisis.pk).exists()
        assert not may_take(stranger, need)
        assert [each.territory.slug for each in crisis.agreements.all()] == ["sud"]


def _keys(crisis: Crisis) -> dict[str, str]:
    return {f"category-{number}-key": str(row.pk) for number, row in enumerate(crisis.categories.all())}


def test_a_change_of_the_text_leaves_the_decisions_of_the_territories(
    whole: Crisis, cast: Cast, paul: User, nora: User
) -> None:
    event_agreements.withdraw(whole, Viewer(paul))
    event_agreements.agree(whole, Viewer(nora), phone_is_enough=True)
    topics = [crisis_events.Topic(row.names, row.kind, row.pk) for row in whole.categories.all()]
    same = event("New name", area=whole.area, topics=topics, phone_is_enough=True)
    crisis_events.change(whole, same, Viewer(cast.diane))
    assert [(each.territory.slug, each.phone_is_enough) for each in whole.agreements.all()] == [("nord", True)]
    smaller = event("New name", topics=topics, phone_is_enough=False)
    crisis_events.change(whole, smaller, Viewer(cast.diane))
    assert [(each.territory.slug, each.phone_is_enough) for each in whole.agreements.all()] == [("nord", False)]


def test_whoever_closes_decides_only_about_reports_that_they_read(paul: User, signed_in: SignedIn) -> None:
    client = signed_in(paul)
    crisis = _own_event(client)
    elsewhere, here = reported(crisis, HERE), reported(crisis, IN_SUD)
    address = f"/map/crises/{crisis.slug}/closing/"
    page = client.get(address).content.decode()
    assert "3 reports lie outside your territories." in page
    kept = page[page.index('value="desk"') :]
    assert "checked" in kept[: kept.index(">")]  # keep is chosen at first
    client.post(address, {"everything": "not_found"})
    left = set(open_reports.left_of(crisis).values_list("pk", flat=True))
    assert left == {need.pk for need in elsewhere} and not left & {need.pk for need in here}


def test_the_other_coordinators_are_told_of_each_change(
    cast: Cast, paul: User, nora: User, signed_in: SignedIn
) -> None:
    def told() -> set[tuple[str, str]]:
        rows = Notification.objects.filter(key__startswith="crisis-")
        found = set(rows.values_list("key", "user__display_name"))
        rows.delete()
        return {(key.split(":")[0], name) for key, name in found}

    client, others = signed_in(paul), {"Diane", "Farid", "Nora"}
    crisis = _own_event(client)
    base = f"/map/crises/{crisis.slug}"
    assert told() == {("crisis-opened", name) for name in others}
    client.post(f"{base}/change/", event_form(where="territory", territory="sud", **_keys(crisis)))
    assert told() == {("crisis-changed", name) for name in others}  # Nora, too: the area has left her territory
    client.post(f"{base}/change/", event_form(**CIRCLE, **_keys(crisis)))
    told()
    signed_in(nora).post(f"{base}/agreement/", {"answer": "agree"})
    assert told() == {("crisis-agreed", name) for name in ("Diane", "Farid", "Paul")}
    client.post(f"{base}/close/")
    assert told() == {("crisis-closed", name) for name in others}
    client.post(f"{base}/reopen/")
    assert told() == {("crisis-reopened", name) for name in others}
    signed_in(cast.farid).post(f"{base}/take-charge/")
    assert {("crisis-charge", name) for name in ("Diane", "Paul", "Nora")} <= told()


def test_the_person_in_charge_closes_and_another_district_does_not(
    whole: Crisis, cast: Cast, paul: User, nora: User, signed_in: SignedIn
) -> None:
    Assignment.objects.filter(user=cast.diane, duty=Duty.COORDINATOR).delete()
    assert steer(signed_in(paul), whole) == [404] * 5
    Crisis.objects.filter(pk=whole.pk).update(in_charge=paul)  # Diane had handed it over
    assert signed_in(paul).get(f"/map/crises/{whole.slug}/change/").status_code == 200
    assert steer(signed_in(nora), whole) == [404] * 5
    page = signed_in(nora).get("/map/crises/").content.decode()
    assert "Only the person in charge" in page and f"/map/crises/{whole.slug}/change/" not in page


def test_attack_a_coordinator_of_one_district_cannot_word_a_large_event_in_other_languages(
    whole: Crisis, cast: Cast, nora: User, signed_in: SignedIn
) -> None:
    address = f"/map/crises/{whole.slug}/texts/fr/"
    theirs = signed_in(nora)
    for answer in (theirs.get(address), theirs.post(address, {"name": "Faux", "message": "Allez ailleurs"})):
        assert answer.status_code == 404
    assert f"crises/{whole.slug}/texts/" not in theirs.get("/map/crises/").content.decode()
    assert signed_in(cast.diane).get(address).status_code == 200
