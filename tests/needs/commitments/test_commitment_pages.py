"""Pages of open needs and commitments: who sees what, when, and what is never seen."""

import logging
import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from needs.commitments import ending, hand_overs, taking
from needs.models import Commitment, Feedback, HandOver, Need, RelayedMessage
from needs.open_needs import nearby
from needs.reports import filing
from needs.retention import runner
from solidarity.lib import grid
from tests.support import Cast, SignedIn
from volunteers.audit.recording import digest_of
from volunteers.audit.verbs import Verb
from volunteers.models import AuditEntry, Notice, Profile

SECRETS = ("48.86612", "2.35034", "behind the third tree", "they have a red coat", "+33 6 12 34 56 78")
SAFE = {"safe": "on"}


@pytest.fixture
def need(cast: Cast) -> Callable[..., Need]:
    def file(state: str = "open", **more: Any) -> Need:
        draft = filing.NeedDraft(
            **{
                "at": timezone.now(), "place": filing.Place(48.866123, 2.350345), "kinds": ["food", "blanket"],
                "urgency": "now", "persons": 3, "text": SECRETS[3], "place_text": SECRETS[2], "contact": SECRETS[4],
                **more,
            }
        )  # fmt: skip
        filing.report_need(draft, state=state)
        return Need.objects.get(pk=draft.id)

    return file


@pytest.fixture
def alice(cast: Cast, signed_in: SignedIn) -> Client:
    return signed_in(cast.alice)


def text_of(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, path
    return answer.content.decode()


def taken(client: Client, own: Need, **data: Any) -> Commitment:
    answer = client.post(reverse("needs:open_need", args=[own.pk]), {"kinds": ["food"], **SAFE, **data})
    assert answer.status_code == 302, answer.content.decode()
    return Commitment.objects.latest("made_at")


def test_the_exact_place_is_seen_by_the_holder_only_and_only_while_they_hold_it(
    alice: Client, cast: Cast, need: Need, signed_in: SignedIn, client: Client
) -> None:
    own = need()
    for path in ("/", "/open/", f"/open/{own.pk}/", "/commitments/", "/map/t/nord/"):
        text = text_of(alice, path)
        assert [secret for secret in SECRETS if secret in text] == [], path
    held = taken(alice, own)
    place = reverse("needs:commitment_place", args=[held.pk])
    text = text_of(alice, place)
    assert [secret for secret in SECRETS if secret in text] == list(SECRETS[:4])
    for other in (cast.bob, cast.carol, cast.diane, cast.farid, cast.greta):
        assert signed_in(other).get(place).status_code == 404
        assert signed_in(other).get(reverse("needs:commitment", args=[held.pk])).status_code == 404
    assert client.get(place).status_code == 302
    ending.mark_done(held.pk, cast.alice)
    assert alice.get(place).status_code == 404
    text = text_of(alice, reverse("needs:commitment", args=[held.pk]))
    assert [secret for secret in SECRETS if secret in text] == []


@pytest.mark.parametrize("end", ["give-back", "lapse", "unticked clock", "handed over", "solved"])
def test_however_it_ends_the_place_is_gone(alice: Client, cast: Cast, need: Need, end: str) -> None:
    from needs.triage.reporter_answers import report_solved

    own = need()
    held = taken(alice, own)
    place = reverse("needs:commitment_place", args=[held.pk])
    assert alice.get(place).status_code == 200
    if end == "give-back":
        alice.post(reverse("needs:commitment_give_back", args=[held.pk]), {"reason": "too_far"})
    elif end == "handed over":
        hand = hand_overs.ask_holder(held.pk, cast.greta)
        alice.post(reverse("needs:hand_over", args=[hand.pk]), {"answer": "yes"})
    elif end == "solved":
        report_solved(own.pk)
    else:
        Commitment.objects.update(expires_at=timezone.now())
        if end == "lapse":
            ending.expire()
    assert alice.get(place).status_code == 404


def test_nobodys_contact_is_ever_on_a_page_of_volunteers_or_in_the_api(alice: Client, need: Need) -> None:
    own = need()
    held = taken(alice, own)
    paths = [
        "/open/",
        f"/open/{own.pk}/",
        "/commitments/",
        f"/commitments/{held.pk}/",
        f"/commitments/{held.pk}/place/",
    ]
    for path in paths:
        for headers in ({}, {"accept": "application/json"}):
            assert SECRETS[4] not in alice.get(path, headers=headers).content.decode(), path


def test_before_taking_one_sees_kind_urgency_the_area_and_some_or_several(alice: Client, need: Need) -> None:
    own = need()
    text = text_of(alice, f"/open/{own.pk}/")
    for words in ("some people", "today", "food", "blanket", "about a tenth of a square kilometre"):
        assert words in text
    ring = grid.outline(own.cell)
    assert f"{ring[0][0]}" in text  # the outline of its cell of resolution 9, and nothing finer
    numbers = {float(found) for found in re.findall(r"\b48\.\d{3,}", text)}
    assert numbers <= {lat for _lng, lat in ring}


def test_every_look_at_a_place_is_logged_and_the_place_is_not(
    alice: Client, cast: Cast, need: Need, caplog: pytest.LogCaptureFixture
) -> None:
    held = taken(alice, need())
    with caplog.at_level(logging.INFO):
        for _each in range(2):
            alice.get(reverse("needs:commitment_place", args=[held.pk]))
    looks = AuditEntry.objects.filter(verb=Verb.PLACE_SHOWN, object=digest_of("need", held.need_id))
    assert [look.actor for look in looks] == [cast.alice.key] * 2
    assert not any(secret in str(look.details) for look in looks for secret in SECRETS)
    assert not any(secret in record.getMessage() for record in caplog.records for secret in SECRETS)


def test_who_does_not_accept_the_rules_of_safety_takes_nothing(alice: Client, need: Need) -> None:
    own = need()
    answer = alice.post(f"/open/{own.pk}/", {"kinds": ["food"]})
    assert answer.status_code == 400
    assert "Please read the rules above" in answer.content.decode()
    assert not Commitment.objects.exists()


def test_who_comes_second_sees_what_is_left(
    alice: Client, cast: Cast, need: Need, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = need()
    form_of = {"kinds": ["food", "blanket"], **SAFE}
    free_before = taking.free_kinds(own)
    taking.take(own, cast.bob, kinds=["food"])
    answer = alice.post(f"/open/{own.pk}/", form_of)  # a page that was opened before
    assert answer.status_code == 400
    assert free_before == ["food", "blanket"]
    text = answer.content.decode()
    assert "Part of this was taken meanwhile" in text
    assert 'value="blanket"' in text
    assert 'name="kinds" value="food"' not in text


def test_the_list_shows_the_nearest_first_and_knows_no_exact_distance(alice: Client, cast: Cast, need: Need) -> None:
    near, far = need(place=filing.Place(48.8700, 2.3500)), need(place=filing.Place(48.8640, 2.3350))
    base = grid.middle(grid.cell_of(48.8700, 2.3510))
    Profile.objects.create(user=cast.alice, base=Point(base[1], base[0], srid=4326))
    text = text_of(alice, "/open/")
    assert text.index(str(near.pk)) < text.index(str(far.pk))
    moved = need(place=filing.Place(48.8640, 2.33502))  # same cell as the far one
    rows = {row.id: row.distance for row in nearby.open_needs(cast.alice, nearby.Wanted())}
    assert rows[moved.pk] == rows[far.pk]
    assert str(far.pk) not in text_of(alice, "/open/?within=1000")
    assert str(near.pk) in text_of(alice, "/open/?within=1000")


def test_the_list_is_filtered_by_the_address(alice: Client, need: Need) -> None:
    food, pet = need(kinds=["food"], urgency="now"), need(kinds=["pet", "food"], urgency="later")
    assert str(food.pk) not in text_of(alice, "/open/?kind=pet")
    assert str(pet.pk) in text_of(alice, "/open/?kind=pet")
    assert str(pet.pk) not in text_of(alice, "/open/?urgency=now")
    assert str(pet.pk) in text_of(alice, "/open/?urgency=nonsense&within=x&area=nowhere")


def test_an_open_need_is_open_now_and_not_a_day_later(alice: Client, need: Need) -> None:
    assert str(need().pk) in text_of(alice, "/open/")


def test_a_volunteer_sees_the_needs_of_their_territories_and_a_member_all(
    alice: Client, cast: Cast, need: Need, signed_in: SignedIn
) -> None:
    south = need(place=filing.Place(48.855, 2.35))
    words = need(place=None)
    assert str(south.pk) not in text_of(alice, "/open/")
    assert alice.get(f"/open/{south.pk}/").status_code == 404
    assert alice.get(f"/open/{words.pk}/").status_code == 404
    text = text_of(signed_in(cast.bob), "/open/")
    assert str(south.pk) in text
    assert str(words.pk) in text
    assert signed_in(cast.greta).get(f"/open/{south.pk}/").status_code == 404
    lat, lng = grid.middle(south.cell)
    Profile.objects.create(user=cast.greta, base=Point(lng, lat, srid=4326))
    assert str(south.pk) in text_of(signed_in(cast.greta), "/open/")


def test_what_is_wholly_taken_leaves_the_list(alice: Client, cast: Cast, need: Need) -> None:
    own = need()
    taking.take(own, cast.bob)
    assert str(own.pk) not in text_of(alice, "/open/")
    assert "All of it is in good hands" in text_of(alice, f"/open/{own.pk}/")


def test_the_lists_ask_the_database_as_often_for_forty_rows_as_for_four(
    alice: Client,
    cast: Cast,
    need: Need,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    settings: Settings,
) -> None:
    settings.COMMITMENTS_PER_VOLUNTEER = 100
    counts = []
    for number in (3, 20):
        for _each in range(number):
            taking.take(need(), cast.alice)
            need()
        alice.get("/open/"), alice.get("/commitments/")
        for path, most in (("/open/", 16), ("/commitments/", 14)):
            with django_assert_max_num_queries(most) as caught:
                text_of(alice, path)
            counts.append(len(caught))
    assert counts[:2] == counts[2:]


def test_it_is_done_in_two_taps_without_javascript(alice: Client, need: Need) -> None:
    own = need()
    held = taken(alice, own, kinds=["food", "blanket"])
    page = text_of(alice, reverse("needs:commitment", args=[held.pk]))
    assert page.count("checked") >= 2  # the second tap sends what is ticked already
    alice.post(reverse("needs:commitment_done", args=[held.pk]), {"kinds": ["food", "blanket"]})
    own.refresh_from_db()
    assert own.state == "met"


def test_the_timer_is_written_by_the_server(alice: Client, need: Need) -> None:
    held = taken(alice, need())
    for path in ("/commitments/", reverse("needs:commitment", args=[held.pk])):
        assert re.search(r"3 h 59 min|4 h 00 min", text_of(alice, path))


def test_the_reporter_sees_that_somebody_takes_care_and_until_when_and_no_name(
    alice: Client, cast: Cast, need: Need, client: Client
) -> None:
    own = need()
    follow = reverse("needs:follow", args=[filing.follow_token(own.pk)])
    held = taken(alice, own)
    text = text_of(client, follow)
    assert "Somebody takes care of it, until" in text
    assert "still open" in text
    for name in ("Alice", cast.alice.email, str(cast.alice.key)):
        assert name not in text
    ending.mark_done(held.pk, cast.alice)
    text = text_of(client, follow)
    assert "done" in text
    assert "How did it go?" in text
    answer = reverse("needs:follow_feedback", args=[filing.follow_token(own.pk), held.pk])
    assert client.post(answer, {"went": "badly", "unsafe": "on", "text": "shouted at"}).status_code == 302
    client.post(answer, {"went": "well"})
    said = Feedback.objects.get()
    assert (said.side, said.went, said.unsafe) == ("reporter", "badly", True)
    assert "How did it go?" not in text_of(client, follow)
    assert Notice.objects.filter(user=cast.carol, title="Somebody did not feel safe").count() == 1


def test_feedback_of_another_need_cannot_be_given(alice: Client, cast: Cast, need: Need, client: Client) -> None:
    own, other = need(), need()
    held = taken(alice, own)
    ending.mark_done(held.pk, cast.alice)
    wrong = reverse("needs:follow_feedback", args=[filing.follow_token(other.pk), held.pk])
    assert client.post(wrong, {"went": "well"}).status_code == 404
    assert client.post(f"/follow/nonsense/feedback/{held.pk}/", {"went": "well"}).status_code == 404
    assert not Feedback.objects.exists()


def test_both_sides_write_to_each_other_and_neither_learns_who_the_other_is(
    alice: Client, cast: Cast, need: Need, client: Client, signed_in: SignedIn
) -> None:
    own = need()
    token = filing.follow_token(own.pk)
    held = taken(alice, own)
    alice.post(reverse("needs:commitment_message", args=[held.pk]), {"text": "I come at eight", "by_phone": "on"})
    text = text_of(client, f"/follow/{token}/")
    assert "I come at eight" in text
    assert "Alice" not in text
    client.post(reverse("needs:follow_message", args=[token]), {"text": "Thank you, we wait"})
    assert "Thank you, we wait" in text_of(alice, reverse("needs:commitment", args=[held.pk]))
    assert Notice.objects.filter(user=cast.alice, title="A message about a need that you took").exists()
    assert not any("eight" in f"{notice.title}{notice.body}" for notice in Notice.objects.all())

    assert alice.get("/commitments/desk/").status_code == 404
    desk = signed_in(cast.carol)
    assert "I come at eight" in text_of(desk, "/commitments/desk/")
    message = RelayedMessage.objects.get(by_phone=True)
    desk.post(reverse("needs:commitment_passed_on", args=[message.pk]))
    assert "I come at eight" not in text_of(desk, "/commitments/desk/")
    ending.mark_done(held.pk, cast.alice)
    client.post(reverse("needs:follow_message", args=[token]), {"text": "too late"})
    assert RelayedMessage.objects.count() == 2


def test_messages_are_forgotten_after_two_weeks(alice: Client, need: Need) -> None:
    held = taken(alice, need())
    alice.post(reverse("needs:commitment_message", args=[held.pk]), {"text": "I come at eight"})
    runner.run(timezone.now() + timedelta(days=13))
    assert RelayedMessage.objects.count() == 1
    runner.run(timezone.now() + timedelta(days=15))
    assert not RelayedMessage.objects.exists()


def test_somebody_asks_the_holder_on_the_page_and_the_holder_hands_it_over(
    alice: Client, cast: Cast, need: Need, signed_in: SignedIn
) -> None:
    own = need()
    held = taken(alice, own)
    bob = signed_in(cast.bob)
    text = text_of(bob, f"/open/{own.pk}/")
    assert "Ask to take over" in text
    assert "Alice" not in text
    ask = reverse("needs:commitment_ask", args=[held.pk])
    bob.post(ask, {"ask-message": "I am next door"})
    assert not HandOver.objects.exists()  # the rules of safety were not accepted
    bob.post(ask, {"ask-message": "I am next door", "ask-safe": "on"})
    hand = HandOver.objects.get()
    assert "I am next door" in text_of(alice, "/commitments/")
    assert bob.post(reverse("needs:hand_over", args=[hand.pk]), {"answer": "yes"}).status_code == 404
    alice.post(reverse("needs:hand_over", args=[hand.pk]), {"answer": "yes"})
    assert bob.get(reverse("needs:commitment_place", args=[Commitment.objects.active().get().pk])).status_code == 200


def test_an_offer_to_a_member_is_accepted_with_the_rules_of_safety(cast: Cast, need: Need, signed_in: SignedIn) -> None:
    bob, carol = signed_in(cast.bob), signed_in(cast.carol)
    held = taken(bob, need(), association="maraude-du-nord")
    bob.post(reverse("needs:commitment_offer", args=[held.pk]), {"to": str(cast.carol.key)})
    hand = HandOver.objects.get()
    accept = reverse("needs:hand_over", args=[hand.pk])
    carol.post(accept, {"answer": "yes"})
    assert Commitment.objects.active().get().volunteer == cast.bob
    carol.post(accept, {"answer": "yes", **SAFE})
    assert Commitment.objects.active().get().volunteer == cast.carol


def test_members_see_what_their_association_holds_without_the_place(
    cast: Cast, need: Need, signed_in: SignedIn
) -> None:
    bob = signed_in(cast.bob)
    taken(bob, need(), association="maraude-du-nord")
    text = text_of(signed_in(cast.carol), "/commitments/association/")
    assert "Bob" in text
    assert [secret for secret in SECRETS if secret in text] == []
    assert "Bob" not in text_of(signed_in(cast.edith), "/commitments/association/")
    assert signed_in(cast.alice).get("/commitments/association/").status_code == 404


def test_a_stranger_reaches_no_verb_of_a_commitment(alice: Client, cast: Cast, need: Need, signed_in: SignedIn) -> None:
    held = taken(alice, need())
    names = ("done", "extend", "give_back", "offer", "message", "feedback")
    for name in names:
        path = reverse(f"needs:commitment_{name}", args=[held.pk])
        assert signed_in(cast.bob).post(path, {"kinds": ["food"]}).status_code == 404, name
        assert Client().post(path).status_code == 302, name
    assert alice.get(f"/commitments/{uuid.uuid4()}/").status_code == 404
    held.refresh_from_db()
    assert held.state == "active"
