"""Where an alarm is, in words: who reads the exact place, what is read out, and what the log keeps of it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from needs.enums import AlarmStep
from needs.models import DangerAlarm, Need
from needs.reports.danger import alarms, lane
from tests.needs.danger.danger_cases import FRENCH, by_form, encounter_with
from tests.support import Cast, SignedIn
from tests.volunteers.place_names.streets_of_paris import rows
from volunteers.models import AuditEntry
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.audit.verbs import Verb
from volunteers.places.place_names import name_storing
from volunteers.places.place_names.models import PlaceKind
from volunteers.places.place_names.name_storing import NameRow

pytestmark = pytest.mark.django_db
FIRE = FRENCH["fire"]  # type: ignore[index]
AT_NUMBER_12 = {"latitude": "48.864120", "longitude": "2.351500"}
WORDS = "sous le pont, tente bleue"


def alarm_at(**changes: Any) -> DangerAlarm:
    return DangerAlarm.objects.get(need=by_form(Client(), FIRE, **changes))


def told(page: str, alarm: DangerAlarm) -> str:
    """Return what the copy button copies."""
    found = re.search(rf'<span id="tell-{alarm.pk}"[^>]*>(.*?)</span>', page, re.S)
    assert found is not None, "the page has no line to read out"
    return re.sub(r"<[^>]+>", "", found[1]).strip()


def test_row_lane_and_page_begin_with_the_place_and_the_line_to_read_out(cast: Cast, signed_in: SignedIn) -> None:
    station = NameRow("p9", PlaceKind.STATION, "Gare de la Villette", 48.8643, 2.3520, "Paris 19e", importance=50)
    name_storing.replace("test", [*rows(), station])
    alarm = alarm_at(place_text=WORDS, **AT_NUMBER_12)
    carol = signed_in(cast.carol)
    wanted = f"{WORDS}, near 12 rue de Crimée, Gare de la Villette, Nord. Fire"
    for path, heading in (
        ("/triage/", "triage-row__main"),
        ("/desk/alarms/", "<h3>"),
        (f"/desk/alarms/{alarm.pk}/", "<h1>"),
    ):
        page = carol.get(path).content.decode()
        assert told(page, alarm).lower() == wanted.lower(), path
        start = page.index("danger-where")
        assert start < page.index(heading, start - 3000 if path == "/triage/" else 0), path
        assert "Tell 18:" in page  # the fire brigade in France


def test_the_number_is_the_one_of_the_site_s_country(cast: Cast, signed_in: SignedIn, settings: Any) -> None:
    alarm = DangerAlarm.objects.get(need=by_form(Client(), FRENCH["unconscious"], place_text=WORDS))  # type: ignore[index]
    assert "Tell 15:" in signed_in(cast.carol).get("/triage/").content.decode()
    settings.COUNTRY = "CH"
    assert "Tell 144:" in signed_in(cast.carol).get(f"/desk/alarms/{alarm.pk}/").content.decode()


def test_a_report_known_only_in_words_shows_these_words(cast: Cast, signed_in: SignedIn) -> None:
    alarm = alarm_at(latitude="", longitude="", place_text=WORDS)
    for path in ("/triage/", "/desk/alarms/", f"/desk/alarms/{alarm.pk}/"):
        assert told(signed_in(cast.carol).get(path).content.decode(), alarm).startswith(f"{WORDS}. "), path


def test_a_place_without_a_name_is_a_place_on_the_map_and_never_bare_coordinates(
    cast: Cast, signed_in: SignedIn
) -> None:
    alarm, carol = alarm_at(), signed_in(cast.carol)
    page = carol.get("/triage/").content.decode()
    assert told(page, alarm).startswith("Nord. ")
    assert "Place on the map" in page
    assert "48.866" not in carol.get("/desk/alarms/").content.decode()
    unknown = alarm_at()
    assert unknown.need_id
    Need.objects.filter(pk=unknown.need_id).update(point=None, cell=None, fine_cell=None)
    assert "The place is not known: ask the reporter." in carol.get("/triage/").content.decode()


def test_who_only_coordinates_reads_the_district_and_no_words_of_the_place(cast: Cast, signed_in: SignedIn) -> None:
    name_storing.replace("test", rows())
    alarm = alarm_at(place_text=WORDS, **AT_NUMBER_12)
    for path in ("/desk/alarms/", f"/desk/alarms/{alarm.pk}/"):
        page = signed_in(cast.diane).get(path).content.decode()
        assert told(page, alarm).startswith("Nord. "), path
        for secret in (WORDS, "Crimée", "République"):
            assert secret not in page, path
    assert not AuditEntry.objects.filter(verb=Verb.PLACE_SHOWN).exists()


def test_other_rows_of_the_list_still_hide_their_place_in_words(cast: Cast, signed_in: SignedIn) -> None:
    alarm = alarm_at(place_text=WORDS)
    by_form(Client(), "deux couvertures", place_text="12 rue du Secret")
    carol = signed_in(cast.carol)
    page = carol.get("/triage/").content.decode()
    assert WORDS in page and "rue du Secret" not in page
    alarms.acknowledge(alarm.pk, AlarmStep.CALLED, cast.carol)
    assert WORDS not in carol.get("/triage/").content.decode()


def test_lists_log_how_many_exact_places_they_show_and_each_page_names_its_report(
    cast: Cast, signed_in: SignedIn
) -> None:
    alarm = alarm_at(place_text=WORDS)
    for path in ("/triage/", "/desk/alarms/"):
        for reader, exact in ((cast.carol, 1), (cast.diane, None)):
            if signed_in(reader).get(path).status_code == 200:
                entry = AuditEntry.objects.filter(verb=Verb.LIST_READ, actor=reader.key).latest("seq")
                assert entry.details.get("exact") == exact, (path, reader)
    assert not AuditEntry.objects.filter(verb=Verb.PLACE_SHOWN).exists()
    for number in (1, 2):
        signed_in(cast.carol).get(f"/desk/alarms/{alarm.pk}/")
        assert AuditEntry.objects.filter(verb=Verb.PLACE_SHOWN, kind="need").count() == number


def test_twenty_places_cost_as_many_queries_as_one(cast: Cast) -> None:
    encounter_with(FIRE, cast.bob)
    lane.waiting_for(Viewer(cast.carol))
    with CaptureQueriesContext(connection) as one:
        assert len(lane.waiting_for(Viewer(cast.carol))) == 1
    for _each in range(19):
        encounter_with(FIRE, cast.bob)
    with CaptureQueriesContext(connection) as twenty:
        assert len(lane.waiting_for(Viewer(cast.carol))) == 20
    assert len(twenty) == len(one)


# --- answered alarms -----------------------------------------------------------------------------------------------


def test_an_answered_alarm_says_who_answered_and_folds_its_buttons(cast: Cast, signed_in: SignedIn) -> None:
    alarm = alarm_at()
    carol, before = signed_in(cast.carol), '<details class="danger-steps__again">'
    assert before not in carol.get("/desk/alarms/").content.decode()
    alarms.acknowledge(alarm.pk, AlarmStep.CALLED, cast.bob)
    for path in ("/desk/alarms/", f"/desk/alarms/{alarm.pk}/", f"/triage/{alarm.need_id}/"):
        page = carol.get(path).content.decode()
        assert before in page, path
        assert page.index(before) < page.index('value="informed"'), path
        assert str(cast.bob) in page, path
    row = carol.get("/triage/").content.decode().partition(f'id="need-{alarm.need_id}"')[2].partition("</tbody>")[0]
    assert f"{cast.bob} · " in row
    assert "nobody" not in row
    assert 'name="step"' not in row


def test_the_weight_ends_once_somebody_called_and_looked(cast: Cast, signed_in: SignedIn) -> None:
    alarm = alarm_at(urgency="later")
    assert alarm.need_id
    other = by_form(Client(), "deux couvertures", "soon", latitude="48.8665", longitude="2.3505")
    Need.objects.filter(pk=other).update(at=timezone.now(), state="new")
    carol = signed_in(cast.carol)

    def first() -> str:
        return str(re.findall(r'id="need-([0-9a-f-]+)"', carol.get("/triage/").content.decode())[0])

    assert first() == str(alarm.need_id)
    Need.objects.filter(pk=alarm.need_id).update(at=timezone.now(), urgency="soon", state="new")
    alarms.acknowledge(alarm.pk, AlarmStep.CALLED, cast.carol)
    assert first() == str(alarm.need_id)  # nobody has opened the need yet
    carol.get(f"/triage/{alarm.need_id}/")
    Need.objects.filter(pk=other).update(at=timezone.now() - timedelta(hours=1))
    assert first() == str(other)
