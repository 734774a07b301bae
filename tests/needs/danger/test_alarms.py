"""Every way to file a report raises an alarm: all twelve flags, at every urgency, in two languages."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from needs.enums import AlarmSource, NeedState, Urgency
from needs.models import DangerAlarm, Encounter, Need
from needs.reports.danger.emergency_numbers import lines_for_flags
from solidarity.lib.danger_words import matcher
from solidarity.lib.danger_words.flags import DangerFlag
from tests.conftest import sign_in
from tests.needs.crises.crisis_cases import opened
from tests.needs.danger.danger_cases import (
    ENGLISH,
    FRENCH,
    HARMLESS,
    by_api,
    by_batch,
    by_dispatcher,
    by_event_api,
    by_form,
    by_message,
    by_open311,
    by_phone_queue,
    encounter_with,
    filled_in,
    on_event_page,
)
from tests.needs.phone_intake.call_cases import take
from tests.needs.phone_queue.queue_cases import item, one
from tests.repetitions import TEST_ALL
from tests.support import Cast, City
from volunteers.enums import Medium

type WayIn = Callable[[Client, str, str], uuid.UUID]
pytestmark = pytest.mark.usefixtures("open311")

WAYS_IN = (
    "form", "phone queue", "API", "batch", "Open311", "event page", "event API", "desk", "telephone", "text message",
    "e-mail",
)  # fmt: skip


@pytest.fixture(autouse=True)
def no_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ANONYMOUS_PER_HOUR", "ANONYMOUS_PER_DAY", "ANONYMOUS_PER_NETWORK_HOUR"):
        monkeypatch.setattr(settings, name, 10_000)


def way_in(name: str, cast: Cast) -> WayIn:
    crisis = opened(cast.diane) if name.startswith("event") else None
    ways: dict[str, WayIn] = {
        "form": by_form,
        "phone queue": by_phone_queue,
        "API": by_api,
        "Open311": by_open311,
        "event page": lambda *sent: on_event_page(crisis, *sent),  # type: ignore[arg-type]
        "desk": by_dispatcher(cast),
        "batch": by_batch,
        "event API": lambda *sent: by_event_api(crisis, *sent),  # type: ignore[arg-type]
        "telephone": lambda _client, text, urgency: take(sign_in(Client(), cast.carol), text=text, urgency=urgency),
        "text message": lambda _client, text, _urgency: by_message(Medium.SMS, text),
        "e-mail": lambda _client, text, _urgency: by_message(Medium.EMAIL, text),
    }
    return ways[name]


@pytest.mark.parametrize("name", WAYS_IN)
def test_all_flags_at_every_urgency_raise_an_alarm_by_this_way_in(name: str, cast: Cast) -> None:
    """``make test`` files each sentence by each way at one urgency. The urgencies take turns, so that every flag and every
    way meets each of them; ``make test-all`` files each sentence at all urgencies."""
    file = way_in(name, cast)
    missed = []
    for language, sentences in enumerate((FRENCH, ENGLISH)):
        for number, (flag, text) in enumerate(sentences.items()):
            cache.clear()  # the API's own limit has its own tests
            turn = (WAYS_IN.index(name) + number + language) % len(Urgency.values)
            every = TEST_ALL and name not in ("text message", "e-mail")  # messages have no urgency
            for urgency in Urgency.values if every else Urgency.values[turn : turn + 1]:
                need = file(Client(), text, urgency)
                alarm = DangerAlarm.objects.filter(need=need).first()
                if alarm is None or flag not in alarm.flags:
                    missed.append((flag, text, urgency))
    assert missed == []
    assert set(DangerAlarm.objects.values_list("source", flat=True)) == {
        AlarmSource.DESK if name in ("desk", "telephone") else AlarmSource.WORDS
    }


@pytest.mark.parametrize("sentences", [FRENCH, ENGLISH])
def test_a_note_about_an_encounter_raises_an_alarm(sentences: dict[DangerFlag, str], cast: Cast) -> None:
    for flag, text in sentences.items():
        _client, path = encounter_with(text, cast.bob)
        alarm = DangerAlarm.objects.get(encounter=uuid.UUID(path.rstrip("/").rpartition("/")[2]))
        assert flag in alarm.flags


def test_harmless_words_raise_none(cast: Cast) -> None:
    by_form(Client(), HARMLESS, "now")
    encounter_with("il fait froid, la batterie du téléphone est morte", cast.bob)
    assert not DangerAlarm.objects.exists()


@pytest.mark.parametrize(("gate", "flags"), [("minor", ["child_alone"]), ("medical", []), ("cold", [])])
def test_an_answer_at_the_gate_raises_an_alarm_without_any_word(gate: str, flags: list[str], city: City) -> None:
    for client, send in ((Client(), "page"), (Client(), "queue")):
        if send == "page":
            need = by_form(client, "", gate=gate)
        else:
            sent = filled_in("", gate=gate)
            assert one(client, None, item("need", sent, id=sent["id"]))["content_hash"]
            need = uuid.UUID(sent["id"])
        alarm = DangerAlarm.objects.get(need=need)
        assert (alarm.source, alarm.flags) == (AlarmSource.GATE, flags)


@pytest.mark.parametrize("gate", ["", "none", "nonsense", "x" * 19, "<script>"])
def test_any_other_answer_at_the_gate_is_none(gate: str, cast: Cast) -> None:
    on_event_page(opened(cast.diane), Client(), HARMLESS, "now", gate=gate)
    assert not DangerAlarm.objects.exists()


def test_somebody_unwell_today_on_the_page_of_an_event_raises_an_alarm(cast: Cast) -> None:
    from needs.crises.crisis_events import PRESET

    crisis = opened(cast.diane, topics=PRESET)
    unwell = crisis.categories.get(kind="health")
    for urgency, expected in (("soon", 0), ("now", 1)):
        on_event_page(crisis, Client(), "", urgency, category=unwell.pk)
        assert DangerAlarm.objects.count() == expected


def test_words_about_the_place_count_as_well(city: City) -> None:
    need = by_form(Client(), "", place_text="devant la gare, il ne respire plus", latitude="", longitude="")
    assert DangerAlarm.objects.get(need=need).flags == ["not_breathing"]


def test_the_same_report_again_raises_no_second_alarm(city: City) -> None:
    client, sent = Client(), filled_in(FRENCH[DangerFlag.FIRE])
    for _each in range(3):
        assert client.post("/help/none/form/", sent).status_code == 302
    assert DangerAlarm.objects.count() == 1


def test_a_report_whose_matcher_fails_is_stored_all_the_same(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_text: str) -> Any:
        raise RuntimeError("broken rules")

    monkeypatch.setattr(matcher, "flags_in", broken)
    need = by_form(Client(), FRENCH[DangerFlag.FIRE])
    assert Need.objects.filter(pk=need).exists()


def test_a_report_over_the_limit_waits_for_a_moderator_and_raises_its_alarm(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "ANONYMOUS_PER_HOUR", 1)
    client = Client()
    needs = [by_form(client, FRENCH[DangerFlag.FIRE]) for _each in range(3)]
    assert list(Need.objects.filter(pk__in=needs).order_by("filed_at").values_list("state", flat=True)) == [
        NeedState.NEW, NeedState.HELD, NeedState.HELD,
    ]  # fmt: skip
    assert DangerAlarm.objects.count() == 3


def test_a_report_without_danger_says_so_to_programs(client: Client, city: City) -> None:
    body = {"latitude": 48.866, "longitude": 2.35, "kinds": ["blanket"], "text": HARMLESS}
    said = client.post("/api/v1/needs/", body, content_type="application/json").json()
    assert (said["danger"], said["numbers"]) == (False, [])
    from xml.etree import ElementTree

    sent = {"service_code": "blanket", "lat": 48.866, "long": 2.35, "description": FRENCH[DangerFlag.FIRE]}
    root = ElementTree.fromstring(client.post("/open311/v2/requests.xml", sent).content)  # noqa: S314
    assert root.findtext("request/danger") == "true"
    assert root.findtext("request/numbers/line/number") == "18"


def test_an_encounter_by_a_program_answers_with_the_numbers(cast: Cast) -> None:
    body = {"latitude": 48.866, "longitude": 2.35, "persons": 1, "note": FRENCH[DangerFlag.SUICIDE]}
    answer = sign_in(Client(), cast.bob).post("/api/v1/encounters/", body, content_type="application/json")
    assert answer.json()["danger"] is True
    assert [line["number"] for line in answer.json()["numbers"]][0] == "3114"
    assert Encounter.objects.get().danger_alarm.flags == ["suicide"]


@pytest.mark.parametrize(
    ("flags", "country", "numbers"),
    [
        (["unconscious"], "FR", ["15", "112", "114"]),
        (["fire"], "FR", ["18", "112", "15", "114"]),
        (["violence"], "FR", ["17", "112", "3919", "15", "114"]),
        (["suicide"], "FR", ["3114", "15", "112", "114"]),
        (["child_alone"], "FR", ["119", "112", "15", "114"]),
        ([], "FR", ["15", "112", "115", "114"]),
        (["bleeding", "violence"], "FR", ["15", "112", "17", "3919", "114"]),
        (["suicide"], "US", ["988", "911"]),
        (["violence"], "XX", ["112"]),
        ([], "XX", ["112"]),
    ],
)
def test_each_danger_has_its_numbers(flags: list[str], country: str, numbers: list[str]) -> None:
    assert [line.number for line in lines_for_flags(flags, country)] == numbers
