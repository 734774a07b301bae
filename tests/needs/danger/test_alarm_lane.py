"""The danger lane: who sees an alarm and may acknowledge it. Before that, nobody else sees the need."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from needs.enums import AlarmStep, NeedState
from needs.help.commitments import taking
from needs.help.nearby import nearby
from needs.help.records.refusals import Refused
from needs.models import AlarmStepTaken, DangerAlarm, Encounter, Need, NeedSharing
from needs.reports.danger import alarms, lane
from solidarity.lib import grid
from tests.needs.danger.danger_cases import FRENCH, HARMLESS, SUD, by_form, encounter_with
from tests.support import Cast, City, SignedIn
from volunteers.enums import Audience, Duty
from volunteers.models import Assignment, AuditEntry, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.audit.verbs import Verb

FIRE = FRENCH["fire"]  # type: ignore[index]


def alarm_of(need: uuid.UUID) -> DangerAlarm:
    return DangerAlarm.objects.get(need=need)


@pytest.fixture
def fire(city: City, cast: Cast) -> DangerAlarm:
    """The alarm of a need in Nord."""
    return alarm_of(by_form(Client(), FIRE, "later"))


def take_step(client: Client, *keys: object, step: str = "called") -> Any:
    return client.post("/desk/alarms/step/", {"alarm": [str(key) for key in keys], "step": step})


# --- the lane ------------------------------------------------------------------------------------------------------


def test_a_need_in_danger_is_pinned_on_top_whatever_its_urgency(
    fire: DangerAlarm, cast: Cast, signed_in: SignedIn
) -> None:
    by_form(Client(), HARMLESS, "now")
    page = signed_in(cast.carol).get("/triage/").content.decode()
    assert page.index(f'id="need-{fire.need_id}"') < page.index("triage-row--now")
    assert page.count("triage-row--alarm") == 1
    assert page.count(f'value="{fire.pk}"') == 1  # the buttons of the alarm are shown once
    listed = signed_in(cast.carol).get("/api/v1/triage/needs/").json()["results"]
    assert listed[0]["id"] == str(fire.need_id)


def test_it_takes_its_usual_place_once_somebody_has_answered(
    fire: DangerAlarm, cast: Cast, signed_in: SignedIn
) -> None:
    other = by_form(Client(), HARMLESS, "now")
    carol = signed_in(cast.carol)
    assert take_step(carol, fire.pk).status_code == 302
    page = carol.get("/triage/").content.decode()
    assert page.index(f'id="need-{other}"') < page.index(f'id="need-{fire.need_id}"')
    assert "triage-row--alarm" not in page


def test_a_note_about_an_encounter_waits_above_the_queue(cast: Cast, signed_in: SignedIn) -> None:
    encounter_with(FRENCH["unconscious"], cast.bob)  # type: ignore[index]
    page = signed_in(cast.carol).get("/triage/").content.decode()
    assert "danger-lane" in page
    assert "elle est inconsciente" in page


def test_an_alarm_that_the_filter_hides_is_shown_all_the_same(
    fire: DangerAlarm, cast: Cast, signed_in: SignedIn
) -> None:
    page = signed_in(cast.carol).get("/triage/?urgency=soon").content.decode()
    assert f'id="need-{fire.need_id}"' not in page
    assert f'id="alarm-{fire.pk}"' in page


@pytest.mark.parametrize("who", ["carol", "diane", "farid"])
def test_the_navigation_counts_the_alarms(who: str, fire: DangerAlarm, cast: Cast, signed_in: SignedIn) -> None:
    page = signed_in(getattr(cast, who)).get("/me/").content.decode()
    assert "data-alarm-count>1<" in page
    assert "data-alarm-nav hidden" not in page


@pytest.mark.parametrize("who", ["alice", "bob", "edith", "greta"])
def test_nobody_else_has_a_count_or_a_lane(who: str, fire: DangerAlarm, cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(getattr(cast, who))
    assert "data-alarm-count" not in client.get("/me/").content.decode()
    for path in ("/desk/alarms/", "/desk/alarms/state/", f"/desk/alarms/{fire.pk}/"):
        assert client.get(path).status_code == 404
    assert take_step(client, fire.pk).status_code == 404
    fire.refresh_from_db()
    assert fire.acknowledged_at is None


def test_the_state_is_asked_with_an_etag(fire: DangerAlarm, cast: Cast, signed_in: SignedIn) -> None:
    carol = signed_in(cast.carol)
    first = carol.get("/desk/alarms/state/")
    assert first.json() == {"waiting": 1, "alarms": [str(fire.pk)]}
    assert carol.get("/desk/alarms/state/", headers={"If-None-Match": first["ETag"]}).status_code == 304
    take_step(carol, fire.pk)
    again = carol.get("/desk/alarms/state/", headers={"If-None-Match": first["ETag"]})
    assert again.json()["waiting"] == 0


# --- scope ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def southerner(city: City, cast: Cast) -> User:
    """A dispatcher of Sud only."""
    Assignment.objects.create(user=cast.edith, territory=city.sud, duty=Duty.DISPATCHER)
    return cast.edith


def test_alarms_of_another_territory_do_not_exist(fire: DangerAlarm, southerner: User, signed_in: SignedIn) -> None:
    client = signed_in(southerner)
    own = alarm_of(by_form(Client(), FIRE, **SUD))
    assert [each.row.pk for each in lane.waiting_for(Viewer(southerner))] == [own.pk]
    assert client.get(f"/desk/alarms/{fire.pk}/").status_code == 404
    for keys in ((fire.pk,), (own.pk, fire.pk), (uuid.uuid4(),), ("x",)):
        assert take_step(client, *keys).status_code == 404
    assert not AlarmStepTaken.objects.exists()


def test_an_alarm_without_a_place_is_everybody_s_who_dispatches(southerner: User) -> None:
    by_form(Client(), FIRE, latitude="", longitude="", place_text="sous le pont")
    assert lane.count_for(Viewer(southerner)) == 1


def test_a_coordinator_reads_words_and_district_but_no_place_and_no_contact(
    city: City, cast: Cast, signed_in: SignedIn
) -> None:
    alarm = alarm_of(by_form(Client(), FIRE, place_text="12 rue de la Paix", contact="06 12 34 56 78"))
    page = signed_in(cast.diane).get(f"/desk/alarms/{alarm.pk}/").content.decode()
    assert FIRE in page
    assert "Nord" in page
    for secret in ("rue de la Paix", "06 12", "48.866", f"/triage/{alarm.need_id}/"):
        assert secret not in page
    assert take_step(signed_in(cast.diane), alarm.pk, step="informed").status_code == 302
    alarm.refresh_from_db()
    assert (alarm.step, alarm.acknowledged_by) == ("informed", cast.diane)


def test_a_dispatcher_gets_to_the_need_and_to_the_position_of_a_note(
    fire: DangerAlarm, cast: Cast, signed_in: SignedIn
) -> None:
    carol = signed_in(cast.carol)
    assert f"/triage/{fire.need_id}/" in carol.get(f"/desk/alarms/{fire.pk}/").content.decode()
    encounter_with(FIRE, cast.bob)
    note = DangerAlarm.objects.get(need=None)
    before = AuditEntry.objects.filter(verb=Verb.PLACE_SHOWN).count()
    assert "48.86600" in carol.get(f"/desk/alarms/{note.pk}/").content.decode()
    assert AuditEntry.objects.filter(verb=Verb.PLACE_SHOWN).count() == before + 1


def test_who_coordinates_here_and_dispatches_elsewhere_does_not_get_the_position_of_a_note(
    southerner: User, city: City, cast: Cast, signed_in: SignedIn
) -> None:
    Assignment.objects.create(user=southerner, territory=city.nord, duty=Duty.COORDINATOR)
    encounter_with(FIRE, cast.bob, place_text="12 rue de la Paix")
    page = signed_in(southerner).get(f"/desk/alarms/{DangerAlarm.objects.get().pk}/").content.decode()
    assert FIRE in page
    assert "48.866" not in page and "rue de la Paix" not in page


def test_reading_the_list_of_alarms_is_one_entry_in_the_audit_log(
    fire: DangerAlarm, cast: Cast, signed_in: SignedIn
) -> None:
    signed_in(cast.diane).get("/desk/alarms/")
    entry = AuditEntry.objects.get(verb=Verb.LIST_READ)
    assert (entry.actor, entry.details) == (cast.diane.key, {"list": "alarms", "count": 1})


def test_the_alarm_goes_with_a_report_that_is_taken_back(fire: DangerAlarm, cast: Cast, signed_in: SignedIn) -> None:
    Need.objects.filter(danger_alarm=fire).update(retracted_at=timezone.now())
    assert lane.count_for(Viewer(cast.carol)) == 0
    assert take_step(signed_in(cast.carol), fire.pk).status_code == 404


ELSEWHERE = {"cell": grid.cell_of(48.70, 2.10)}


def test_each_alarm_has_exactly_the_readers_of_its_place(
    city: City, cast: Cast, southerner: User, django_assert_max_num_queries: Any
) -> None:
    """carol dispatches and diane coordinates in the whole city, greta coordinates in Nord only."""
    Assignment.objects.create(user=cast.greta, territory=city.nord, duty=Duty.COORDINATOR)
    needs: dict[str, dict[str, Any]] = {
        "nord": {}, "sud": {"cell": grid.cell_of(48.855, 2.35)}, "elsewhere": ELSEWHERE, "nowhere": {"cell": None},
        "district nord": {"cell": None, "district": city.nord}, "district sud": {"cell": None, "district": city.sud},
        "shared": {},
    }  # fmt: skip
    names = {}
    for name, fields in needs.items():
        need = by_form(Client(), FIRE)
        Need.objects.filter(pk=need).update(**fields)
        names[alarm_of(need).pk] = name
    now = timezone.now()
    NeedSharing.objects.create(need_id=need, territory=city.sud, expires_at=now + timedelta(hours=1))
    encounters: dict[str, dict[str, Any]] = {"nord": {}, "sud": needs["sud"], "elsewhere": ELSEWHERE}
    for name, fields in encounters.items():
        encounter_with(FIRE, cast.bob)
        row = DangerAlarm.objects.exclude(pk__in=names).get()
        Encounter.objects.filter(danger_alarm=row).update(**fields)
        names[row.pk] = f"encounter {name}"

    def read_by(user: User) -> set[str]:
        alarms = [alarm.row.pk for alarm in lane.waiting_for(Viewer(user))]
        with django_assert_max_num_queries(2):
            assert lane.count_for(Viewer(user)) == len(alarms)
        return {names[pk] for pk in alarms}

    everything, outside = set(names.values()), {"elsewhere", "nowhere", "encounter elsewhere"}
    northern = {"nord", "shared", "district nord", "encounter nord"}
    southern = {"sud", "district sud", "encounter sud"}
    assert read_by(cast.farid) == read_by(cast.carol) == everything
    assert read_by(cast.diane) == everything - outside
    assert read_by(southerner) == southern | outside | {"shared"}
    assert read_by(cast.greta) == northern
    assert read_by(cast.alice) == read_by(cast.bob) == set()
    assert not lane.alarms_for(Viewer(cast.farid, Audience.VOLUNTEER))
    Assignment.objects.filter(user=cast.carol).update(ended_at=now)  # nobody dispatches in Nord any more
    assert read_by(southerner) == everything
    assert read_by(cast.greta) == northern


# --- steps ---------------------------------------------------------------------------------------------------------


def test_a_step_acknowledges_is_logged_and_a_repeat_changes_nothing(
    fire: DangerAlarm, cast: Cast, signed_in: SignedIn
) -> None:
    carol = signed_in(cast.carol)
    for _each in range(3):
        assert take_step(carol, fire.pk).status_code == 302
    fire.refresh_from_db()
    assert (fire.step, fire.acknowledged_by) == ("called", cast.carol)
    assert fire.steps.count() == 1
    [entry] = AuditEntry.objects.filter(verb=Verb.ALARM_STEP)
    assert entry.details == {"step": "called"}
    first = fire.acknowledged_at
    take_step(carol, fire.pk, step="not_emergency")
    fire.refresh_from_db()
    assert (fire.step, fire.acknowledged_at) == ("not_emergency", first)
    assert [each.step for each in fire.steps.all()] == ["called", "not_emergency"]


def test_a_step_needs_the_csrf_token_a_known_step_and_a_post(
    fire: DangerAlarm, cast: Cast, signed_in: SignedIn
) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.carol)
    assert take_step(strict, fire.pk).status_code == 403
    carol = signed_in(cast.carol)
    assert carol.get("/desk/alarms/step/").status_code == 405
    assert take_step(carol, fire.pk, step="ignored").status_code == 400
    assert take_step(carol).status_code == 400
    fire.refresh_from_db()
    assert fire.acknowledged_at is None


def test_after_a_step_nobody_is_sent_to_another_site(fire: DangerAlarm, cast: Cast, signed_in: SignedIn) -> None:
    sent = {"alarm": str(fire.pk), "step": "called", "next": "https://evil.example/"}
    assert signed_in(cast.carol).post("/desk/alarms/step/", sent)["Location"] == "/desk/alarms/"


def test_several_alarms_are_answered_at_once(cast: Cast, signed_in: SignedIn) -> None:
    keys = [alarm_of(by_form(Client(), FIRE)).pk for _each in range(5)]
    carol = signed_in(cast.carol)
    assert "danger-all" in carol.get("/desk/alarms/").content.decode()
    take_step(carol, *keys, step="not_emergency")
    assert lane.count_for(Viewer(cast.carol)) == 0


# --- volunteers wait -----------------------------------------------------------------------------------------------


def test_volunteers_neither_see_nor_take_the_need_before_somebody_answered(
    fire: DangerAlarm, cast: Cast, signed_in: SignedIn
) -> None:
    Need.objects.filter(danger_alarm=fire).update(state=NeedState.OPEN)
    assert fire.need is not None
    assert str(fire.need_id) not in signed_in(cast.alice).get("/open/").content.decode()
    assert signed_in(cast.alice).get(f"/open/{fire.need_id}/").status_code == 404
    assert signed_in(cast.alice).get(f"/api/v1/needs/{fire.need_id}/").status_code == 404
    assert nearby.open_needs(Viewer(cast.alice), nearby.Wanted()) == []
    for person in (cast.alice, cast.bob):
        with pytest.raises(Refused):
            taking.take(fire.need, person)
    assert not Need.objects.takeable().exists()
    alarms.acknowledge(fire.pk, AlarmStep.CALLED, cast.carol)
    assert [each.id for each in nearby.open_needs(Viewer(cast.alice), nearby.Wanted())] == [fire.need_id]


def test_the_public_list_leaves_it_out(fire: DangerAlarm, cast: Cast) -> None:
    from datetime import timedelta

    from needs.doors.api import public_requests

    later = timezone.now() + timedelta(days=15)
    Need.objects.filter(danger_alarm=fire).update(state=NeedState.OPEN)
    assert public_requests.list_requests(public_requests.RequestQuery(), later) == []
    alarms.acknowledge(fire.pk, AlarmStep.INFORMED, cast.carol)
    assert len(public_requests.list_requests(public_requests.RequestQuery(), later)) == 1


def test_one_alarm_costs_as_many_questions_as_twenty(
    cast: Cast, signed_in: SignedIn, django_assert_max_num_queries: Any
) -> None:
    carol = signed_in(cast.carol)
    by_form(Client(), FIRE)
    carol.get("/desk/alarms/")
    for _each in range(20):
        encounter_with(FIRE, cast.bob)
    with django_assert_max_num_queries(80):
        carol.get("/desk/alarms/")
