"""Switching parts of the site off and on: by preset, by tick, only when nothing is open, and only by administrators."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from needs.base.records.declarations import DraftPlace, NeedDraft
from needs.enums import NeedState
from needs.models import DangerAlarm, Encounter, Need, Tour
from needs.reports import filing
from needs.tasks import fill_plans, forget
from solidarity.lib.site import features, site_choices
from solidarity.lib.site.features import Preset
from tests import filing_verbs
from tests.needs.phone_queue.queue_cases import MET, item, one
from tests.support import Cast, SignedIn
from volunteers.models import Assignment, NotificationSettings, SignUpChoice, SiteDetails, User
from volunteers.people.audit.models import AuditEntry
from volunteers.site.first_start import first_administrator
from volunteers.site.site_details import saving

PAGE = "/set-up/features/"
NEED = {"kinds": ["food"], "urgency": "soon", "persons": "1", "origin": "citizen", "place_text": "by the gate"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def farid(signed_in: SignedIn, cast: Cast) -> Client:
    return signed_in(cast.farid)


def ticks(*keys: str) -> dict[str, str]:
    return dict.fromkeys(keys, "on")


def all_but(*gone: str) -> dict[str, str]:
    return ticks(*({each.key for each in features.every()} - set(gone)))


def words_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def running_tour(cast: Cast) -> Tour:
    started = filing.start_tour(association=cast.maraude.pk, author=cast.bob.pk, at=timezone.now())
    return Tour.objects.get(pk=started.id)


def test_a_site_without_a_choice_has_everything_as_before_an_upgrade(db: None) -> None:
    assert features.off() == frozenset()
    SiteDetails.objects.create(name="Maraude du Nord")
    site_choices.forget()
    assert features.off() == frozenset()


@pytest.mark.parametrize("preset", [Preset.TOURS, Preset.DESK, Preset.NEIGHBOURS])
def test_a_preset_is_one_button_and_everything_comes_back_with_another(
    farid: Client, client: Client, preset: Preset
) -> None:
    assert farid.post(PAGE, {"preset": preset})["Location"] == PAGE
    assert {each.key for each in features.every()} - features.off() == features.in_preset(preset)
    assert AuditEntry.objects.get(verb="site_changed").details == {"part": "features"}
    assert client.get("/help/").status_code == (200 if preset is Preset.DESK else 404)
    assert farid.post(PAGE, {"preset": Preset.EVERYTHING}).status_code == 302
    assert features.off() == frozenset()
    assert client.get("/help/").status_code == 200


def test_a_closed_address_says_one_sentence_and_the_emergency_numbers(farid: Client, client: Client) -> None:
    farid.post(PAGE, {"preset": Preset.NEIGHBOURS})
    for address in ("/help/", "/help/none/form/", "/follow/an-old-link/"):
        answer = client.get(address)
        said = words_of(answer)
        assert answer.status_code == 404
        assert "The people who run this site do not offer this." in said
        assert "112" in said and "Find help now" in said  # the guide is on
    said_to_program = client.get("/api/v1/crises/")
    assert (said_to_program.status_code, said_to_program.json()["code"]) == (404, "switched_off")
    arabic = client.get("/help/", headers={"Accept-Language": "ar"}).content.decode()
    assert 'lang="ar"' in arabic and "do not offer this" not in arabic


def test_a_part_with_open_things_stays_on_and_says_how_many(farid: Client, cast: Cast) -> None:
    tour = running_tour(cast)
    answer = farid.post(PAGE, all_but("tours"))
    assert answer.status_code == 422
    assert "1 tour is running. End it first." in words_of(answer)
    assert features.off() == frozenset()
    assert 'name="tours"' in answer.content.decode()
    filing.close_tour(tour, ended_at=timezone.now(), over_at=None, line=(), cells=())
    assert farid.post(PAGE, all_but("tours")).status_code == 302
    assert features.off() == {"tours"}


def test_what_came_in_at_the_last_moment_is_told_to_the_administrator(farid: Client, cast: Cast) -> None:
    farid.post(PAGE, all_but("tours"))
    assert "at the last moment" not in words_of(farid.get(PAGE))
    running_tour(cast)
    assert "Tours: 1 tour is running. End it first." in words_of(farid.get(PAGE))


def test_a_part_that_needs_another_part_says_which(farid: Client) -> None:
    answer = farid.post(PAGE, all_but("desk"))
    assert answer.status_code == 422
    assert words_of(answer).count("This needs another part. Tick it too: The desk.") >= 2  # crises, messages
    assert features.off() == frozenset()


def test_strangers_lend_and_sign_up_only_when_somebody_moderates(farid: Client, cast: Cast) -> None:
    saving.save(cast.farid, "features", features_off=["lending"])
    SignUpChoice.objects.create(pk=1, closed=True)
    coordinating = Assignment.objects.coordinating()
    kept = list(coordinating)
    coordinating.delete()
    assert "First give somebody the duty of coordinator" in words_of(farid.post(PAGE, all_but()))
    assert "First give somebody the duty of coordinator" in words_of(farid.post("/people/sign-up/", {"closed": "no"}))
    assert features.off() == {"lending"} and SignUpChoice.objects.get().closed
    Assignment.objects.bulk_create(kept)
    assert farid.post(PAGE, all_but()).status_code == 302
    assert farid.post("/people/sign-up/", {"closed": "no"}).status_code == 302
    assert features.off() == frozenset() and not SignUpChoice.objects.get().closed


def test_a_new_site_begins_without_lending_and_by_invitation(db: None) -> None:
    first_administrator._begin_carefully()
    assert SiteDetails.objects.get().features_off == ["lending"]
    assert SignUpChoice.objects.get().closed


def test_only_an_administrator_reaches_the_switches(signed_in: SignedIn, cast: Cast, client: Client) -> None:
    people = (cast.alice, cast.bob, cast.carol, cast.diane, cast.greta)
    for reader in [client, *map(signed_in, people)]:
        for sent in ({"preset": "tours"}, ticks("tours")):
            assert reader.post(PAGE, sent).status_code in (302, 404)
        assert reader.get(PAGE).status_code in (302, 404)
    assert not SiteDetails.objects.exists() and features.off() == frozenset()


def test_a_forged_preset_and_unknown_parts_change_nothing(farid: Client) -> None:
    assert farid.post(PAGE, {"preset": "nothing", **all_but("events")}).status_code == 302
    assert features.off() == {"events"}  # an unknown preset is no preset: the ticks count
    assert farid.post(PAGE, {**all_but(), "danger": "", "retention": ""}).status_code == 302
    assert features.off() == frozenset()


def test_a_task_of_a_part_that_is_off_does_nothing(farid: Client, cast: Cast) -> None:
    farid.post(PAGE, all_but("tours"))
    assert fill_plans.apply().get() is None
    farid.post(PAGE, all_but())
    assert fill_plans.apply().successful()


def test_an_offline_report_of_a_part_that_is_off_is_refused_in_words_and_sent_later(
    farid: Client, signed_in: SignedIn, cast: Cast
) -> None:
    farid.post(PAGE, {"preset": Preset.TOURS})
    bob, waiting = signed_in(cast.bob), item("need", NEED)
    refused = one(bob, cast.bob, waiting)
    assert (refused["status"], refused["code"]) == (400, "switched_off")
    assert "stays on this phone" in refused["detail"]
    assert not Need.objects.exists()
    stored = one(bob, cast.bob, item("encounter", MET))
    assert stored["status"] == 201, stored
    assert Encounter.objects.count() == 1  # reports of encounters are always taken
    farid.post(PAGE, {"preset": Preset.EVERYTHING})
    stored = one(bob, cast.bob, waiting)
    assert stored["status"] == 201, stored
    assert Need.objects.count() == 1


def test_programs_and_notifications_hear_of_no_part_that_is_off(farid: Client, signed_in: SignedIn, cast: Cast) -> None:
    bob = signed_in(cast.bob)
    assert "/api/v1/open-needs/" in words_of(bob.get("/api/docs/"))
    assert "a need is proposed to me" in words_of(bob.get("/me/notifications/"))
    farid.post(PAGE, all_but("desk", "crises", "messages", "lending"))
    docs = re.sub(r"<pre.*?</pre>", "", bob.get("/api/docs/").content.decode(), flags=re.DOTALL)
    assert "/api/v1/encounters/" in docs and "/api/v1/open-needs/" not in docs and "/api/v1/loans/" not in docs
    page = words_of(bob.get("/me/notifications/"))
    assert "a need is proposed to me" not in page and "things to lend" not in page
    assert "tours and events that I joined" in page  # tours are on
    farid.post(PAGE, {"preset": Preset.NEIGHBOURS})
    assert "tours and events that I joined" not in words_of(bob.get("/me/notifications/"))


def test_the_choice_of_topics_of_parts_that_are_off_is_kept(farid: Client, signed_in: SignedIn, cast: Cast) -> None:
    bob = signed_in(cast.bob)
    chosen = {"proposal:email": "on", "tour:email": "on", "language": "en"}
    assert bob.post("/me/notifications/", chosen).status_code == 302
    farid.post(PAGE, {"preset": Preset.TOURS})
    assert bob.post("/me/notifications/", {"tour:email": "on", "language": "en"}).status_code == 302
    assert "proposal:email" in NotificationSettings.objects.get(user=cast.bob).wanted


@pytest.mark.parametrize("preset", [Preset.TOURS, Preset.NEIGHBOURS])
def test_private_links_still_give_and_erase_their_data(farid: Client, client: Client, preset: Preset) -> None:
    draft = NeedDraft(at=timezone.now(), place=DraftPlace(48.866, 2.35), kinds=["food"])
    token = filing.follow_token(filing_verbs.report_need(draft).id)
    Need.objects.update(state=NeedState.MET)
    assert farid.post(PAGE, {"preset": preset}).status_code == 302
    closed = client.get(f"/follow/{token}/")
    assert closed.status_code == 404 and f"/follow/{token}/data/" in closed.content.decode()
    assert client.post(f"/follow/{token}/data/").headers["Content-Type"] == "application/zip"
    assert client.post(f"/follow/{token}/erase/", {"what": "report", "sure": "on"}).status_code == 302
    assert not Need.objects.exists()


@pytest.mark.parametrize("preset", [Preset.TOURS, Preset.DESK, Preset.NEIGHBOURS])
def test_danger_own_data_and_retention_work_in_every_preset(
    farid: Client, signed_in: SignedIn, cast: Cast, preset: Preset
) -> None:
    farid.post(PAGE, {"preset": preset})
    bob, carol = signed_in(cast.bob), signed_in(cast.carol)
    met = {**MET, "note": "he does not breathe any more"}
    assert one(bob, cast.bob, item("encounter", met))["status"] == 201
    alarm = DangerAlarm.objects.get()
    assert f"/desk/alarms/{alarm.pk}/" in carol.get("/desk/alarms/").content.decode()
    assert carol.post("/desk/alarms/step/", {"alarm": str(alarm.pk), "step": "called"}).status_code == 302
    alarm.refresh_from_db()
    assert alarm.acknowledged_by == cast.carol
    assert bob.get("/my-data/").status_code == 200
    assert bob.post("/my-data/download/").headers["Content-Type"] == "application/zip"
    assert signed_in(cast.greta).post("/my-data/delete/", {"sure": "on"}).status_code == 302
    assert not User.objects.filter(pk=cast.greta.pk, is_active=True).exists()
    Encounter.objects.update(filed_at=timezone.now() - timedelta(days=5), at=timezone.now() - timedelta(days=5))
    assert forget.apply().successful()
    assert Encounter.objects.get().point is None
