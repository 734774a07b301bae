"""Duties in territories, and who is on duty."""

from datetime import timedelta

import h3
import pytest
from django.utils import timezone

from tests.support import Cast, City
from volunteers.enums import Duty
from volunteers.models import Assignment, AuditEntry, Notification, Territory, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.roles.standing import is_coordinator
from volunteers.places.territories import duties, duty_requests, in_charge

pytestmark = pytest.mark.django_db

IN_NORD = h3.str_to_int(h3.latlng_to_cell(48.8700, 2.3500, 9))
OUTSIDE = h3.str_to_int(h3.latlng_to_cell(48.9500, 2.5000, 9))


def names(people: object) -> set[str]:
    return {person.display_name for person in people}  # type: ignore[attr-defined]


def test_a_duty_is_given_and_ended_once_and_is_in_the_audit_log(cast: Cast, city: City) -> None:
    made = duties.assign(cast.edith, city.sud, Duty.DISPATCHER, cast.diane)
    assert duties.assign(cast.edith, city.sud, Duty.DISPATCHER, cast.diane) == made
    assert duties.is_dispatcher(cast.edith)
    assert duties.end(made, cast.diane)
    assert not duties.end(made, cast.diane)
    assert not duties.is_dispatcher(cast.edith)
    logged = AuditEntry.objects.filter(actor=cast.diane.key).values_list("verb", "scope")
    assert list(logged.order_by("seq")) == [("duty_given", "sud"), ("duty_ended", "sud")]


def test_dispatchers_of_a_place_are_those_of_its_territory_and_above(cast: Cast, city: City) -> None:
    Assignment.objects.dispatching().delete()
    duties.assign(cast.carol, city.nord, Duty.DISPATCHER, None)
    duties.assign(cast.edith, city.sud, Duty.DISPATCHER, None)
    duties.assign(cast.bob, city.root, Duty.DISPATCHER, None)
    assert names(duties.dispatchers_up(IN_NORD)) == {"Carol", "Bob"}
    assert names(duties.dispatchers_up(OUTSIDE)) == {"Carol", "Bob", "Edith"}
    assert names(duties.dispatchers_up(None)) == {"Carol", "Bob", "Edith"}
    assert names(duties.coordinators_of(duties.territory_of(IN_NORD))) == {"Diane", "Farid"}
    assert names(duties.coordinators_of(None)) == {"Farid"}


def test_a_duty_gives_no_access_from_its_end_on_and_is_closed_with_a_message(cast: Cast, city: City) -> None:
    soon = timezone.now() + timedelta(hours=1)
    made = duties.assign(cast.edith, city.sud, Duty.DISPATCHER, cast.diane, until=soon)
    coordinates = duties.assign(cast.edith, city.sud, Duty.COORDINATOR, cast.farid, "-", soon)
    in_charge.choose(coordinates, shown=True, contact="sud@example.org")
    viewer = Viewer(cast.edith)
    assert Territory.objects.dispatched_by(viewer).exists() and Territory.objects.coordinated_by(viewer).exists()
    duties.go_on_duty(cast.edith)
    assert duty_requests.close_run_out() == 0
    Assignment.objects.filter(user=cast.edith).update(until=timezone.now())
    assert not Territory.objects.dispatched_by(viewer).exists()
    assert not Territory.objects.coordinated_by(viewer).exists() and not is_coordinator(cast.edith)
    assert cast.edith not in {*duties.territory_dispatchers(city.sud), *duties.coordinators_of(city.sud)}
    assert not duties.is_dispatcher(cast.edith) and in_charge.in_charge_of([city.sud])[city.sud.pk] == []
    assert duty_requests.close_run_out() == 2
    assert duties.shift_of(cast.edith) is None
    made.refresh_from_db()
    assert made.ended_at == made.until
    coordinates.refresh_from_db()
    assert (coordinates.shown, coordinates.contact) == (False, "")
    assert AuditEntry.objects.filter(verb="duty_ended", scope="sud").count() == 2
    assert Notification.objects.filter(user=cast.edith, key__startswith="duty:ended:").count() == 2
    assert duty_requests.close_run_out() == 0


def test_a_duty_whose_end_has_passed_can_be_given_again_before_it_is_closed(cast: Cast, city: City) -> None:
    old = duties.assign(cast.edith, city.sud, Duty.DISPATCHER, None)
    Assignment.objects.filter(pk=old.pk).update(until=timezone.now())
    new = duties.assign(cast.edith, city.sud, Duty.DISPATCHER, None)
    assert new.pk != old.pk and list(cast.edith.assignments.current()) == [new]


def test_time_on_duty_ends_by_itself_or_by_the_switch(cast: Cast) -> None:
    now, nord = timezone.now(), duties.territory_of(IN_NORD)
    assert names(duties.on_duty(nord, now)) == set()
    duties.go_on_duty(cast.carol)
    assert names(duties.on_duty(nord, timezone.now())) == {"Carol"}
    assert names(duties.on_duty(nord, timezone.now() + timedelta(hours=12, seconds=1))) == set()
    duties.go_off_duty(cast.carol)
    assert names(duties.on_duty(nord, timezone.now())) == set()


def test_a_new_dispatcher_gets_the_root_of_a_site_with_one_root_only(cast: Cast, city: City) -> None:
    duties.assign_root_if_simple(cast.edith, None)
    assert list(cast.edith.assignments.dispatching().values_list("territory__slug", flat=True)) == ["ville"]
    Territory.objects.create(slug="other", name="Other", level=city.root.level, polygon=city.root.polygon)
    duties.assign_root_if_simple(cast.greta, None)
    assert not duties.is_dispatcher(cast.greta)
    User.objects.exclude(pk=cast.greta.pk).update(is_active=False)
    duties.assign_root_if_simple(cast.greta, None)
    assert cast.greta.assignments.dispatching().count() == 2


def test_paths_of_a_territory_go_up_to_the_root(city: City) -> None:
    assert duties.paths_up(city.nord) == ["ville/", "ville/nord/"]
