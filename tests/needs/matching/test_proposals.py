"""Proposals and their answers."""

from datetime import time, timedelta
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from needs.enums import Category, NeedState
from needs.help.matching import proposals
from needs.help.matching.proposals import TooLate
from needs.help.records.refusals import Refused
from needs.models import Commitment, Need, Proposal
from needs.tasks import expire_proposals
from solidarity.lib.grid import snap
from tests.needs.matching.matching_cases import asked_about, need_at, offers
from tests.support import Cast, SignedIn
from tests.together import tried
from volunteers.enums import Topic
from volunteers.models import Notification, Profile, User


def offer_form(**changes: str) -> dict[str, str | list[str]]:
    return {
        "skills": ["care"], "languages": ["fr", "ar"], "latitude": "48.8661234", "longitude": "2.3502345", "radius": "3000",
        "most": "2", "paused_until": "", "times-TOTAL_FORMS": "2", "times-INITIAL_FORMS": "0", "times-0-weekday": "4",
        "times-0-start": "22:00", "times-0-end": "02:00", "times-1-weekday": "", **changes,
    }  # fmt: skip


def test_a_proposal_notifies_and_is_not_made_twice(people: Cast) -> None:
    need = need_at()
    [row] = proposals.propose(need, [people.alice], people.carol)
    assert (row.answer, row.by, row.expires_at - row.made_at) == ("", people.carol, timedelta(hours=24))
    assert proposals.propose(need, [people.alice], people.carol) == []
    [notice] = Notification.objects.filter(user=people.alice, topic=Topic.PROPOSAL)
    assert notice.path == reverse("needs:proposals")
    assert "food" not in (notice.title + notice.body).lower()


def test_a_person_is_not_asked_for_more_needs_than_they_offered(people: Cast) -> None:
    needs = [need_at() for _each in range(4)]
    made = proposals.propose_pairs([(need.pk, people.alice.pk) for need in needs], people.carol)
    assert len(made) == 3


def test_accepting_takes_the_need(people: Cast) -> None:
    need = need_at()
    [row] = proposals.propose(need, [people.alice], people.carol)
    taken = proposals.accept(row.pk, people.alice)
    assert isinstance(taken, Commitment)
    need.refresh_from_db()
    row.refresh_from_db()
    assert (taken.need, taken.volunteer, need.state, row.answer) == (need, people.alice, "committed", "accepted")
    with pytest.raises(TooLate):
        proposals.decline(row.pk, people.alice)


def test_a_declined_need_is_not_proposed_again(people: Cast) -> None:
    need = need_at()
    [row] = proposals.propose(need, [people.alice], people.carol)
    proposals.decline(row.pk, people.alice)
    assert people.alice.pk not in asked_about(need)
    assert not Commitment.objects.exists()


def test_nobody_answers_for_somebody_else(people: Cast, signed_in: SignedIn) -> None:
    [row] = proposals.propose(need_at(), [people.alice], people.carol)
    with pytest.raises(Proposal.DoesNotExist):
        proposals.accept(row.pk, people.greta)
    path = reverse("needs:answer_proposal", args=[row.pk])
    assert signed_in(people.greta).post(path, {"answer": "yes", "safe": "on"}).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_of_three_simultaneous_acceptances_one_wins(people: Cast) -> None:
    need = need_at()
    rows = proposals.propose(need, [people.alice, people.greta, people.edith], people.carol)
    assert len(rows) == 3
    answers = tried([partial(proposals.accept, row.pk, row.volunteer) for row in rows], Refused, TooLate)
    assert len(answers) == 3
    assert sum(isinstance(each, Commitment) for each in answers) == 1
    assert Commitment.objects.count() == 1
    expire_proposals()
    assert sorted(Proposal.objects.values_list("answer", flat=True)) == ["accepted", "expired", "expired"]


@pytest.mark.django_db(transaction=True)
def test_one_acceptance_sent_twice_takes_the_need_once(people: Cast) -> None:
    [row] = proposals.propose(need_at(), [people.alice], people.carol)
    answers = tried([lambda: proposals.accept(row.pk, people.alice) for _each in range(2)], Refused, TooLate)
    assert sorted(type(each).__name__ for each in answers) == ["Commitment", "TooLate"]


@pytest.mark.django_db(transaction=True)
def test_two_simultaneous_dispatchers_respect_the_limit_of_a_person(people: Cast) -> None:
    offers(people.alice, most=1)
    needs = [need_at() for _each in range(4)]
    made = tried([partial(proposals.propose, need, [people.alice], None) for need in needs], Refused, TooLate)
    assert sum(len(each) for each in made if isinstance(each, list)) == 1
    assert all(isinstance(each, list) for each in made)


def test_a_proposal_expires_with_its_time_or_its_need(people: Cast) -> None:
    one, other, third = need_at(), need_at(), need_at()
    [late] = proposals.propose(one, [people.alice], None)
    [closed] = proposals.propose(other, [people.alice], None)
    [kept] = proposals.propose(third, [people.greta], None)
    Proposal.objects.filter(pk=late.pk).update(expires_at=timezone.now())
    Need.objects.filter(pk=other.pk).update(state=NeedState.MET)
    assert expire_proposals() == 2
    assert expire_proposals() == 0
    assert list(Proposal.objects.filter(answer="")) == [kept]
    # An expired proposal is no answer, so the person can be asked again.
    assert people.alice.pk in asked_about(one)


def test_an_offer_is_stored_with_the_middle_of_its_cell_only(cast: Cast, signed_in: SignedIn) -> None:
    assert signed_in(cast.alice).post("/me/offer/", offer_form()).status_code == 302
    own = Profile.objects.get(user=cast.alice)
    latitude, longitude = snap(48.8661234, 2.3502345)
    assert own.base is not None
    assert (own.base.y, own.base.x) == pytest.approx((latitude, longitude), abs=1e-9)
    assert abs(own.base.y - 48.8661234) > 1e-5
    [window] = own.windows.all()
    assert (window.weekday, window.start, window.end) == (4, time(22), time(2))
    page = signed_in(cast.alice).get("/me/offer/").content.decode()
    assert "48.8661234" not in page and "never the exact point" in page


@pytest.mark.parametrize(
    ("wrong", "cure"),
    [
        ({"longitude": ""}, "both latitude and longitude"),
        ({"times-0-end": ""}, "a day, a start and an end"),
        ({"times-0-end": "22:00"}, "at least half an hour"),
        ({"times-1-weekday": "5", "times-1-start": "01:00", "times-1-end": "03:00"}, "overlap"),
        ({"most": "0"}, "greater than or equal to 1"),
    ],
)
def test_an_invalid_offer_shows_how_to_correct_it(
    cast: Cast, signed_in: SignedIn, wrong: dict[str, str], cure: str
) -> None:
    answer = signed_in(cast.alice).post("/me/offer/", offer_form(**wrong))
    assert answer.status_code == 400
    assert cure in answer.content.decode()
    assert not Profile.objects.exists()


def test_a_dispatcher_sees_reasons_and_names_of_fellow_members_only(people: Cast, signed_in: SignedIn) -> None:
    offers(people.bob)
    need = need_at(kinds=[Category.FOOD])
    path = reverse("needs:whom_to_ask", args=[need.pk])
    page = signed_in(people.carol).get(path).content.decode()
    assert "Bob" in page and "A volunteer" in page
    assert "Alice" not in page and "alice@" not in page
    assert "has room for 3 more needs" in page
    assert signed_in(people.bob).get(path).status_code == 404


def test_a_dispatcher_asks_the_ticked_people(people: Cast, signed_in: SignedIn) -> None:
    need = need_at()
    path = reverse("needs:whom_to_ask", args=[need.pk])
    client = signed_in(people.carol)
    tokens = [row.token for row in client.get(path).context["people"]]
    assert client.post(path, {"people": tokens[:2]}).status_code == 302
    assert Proposal.objects.count() == 2
    assert client.post(path, {"people": ["0" * 24]}).status_code == 400
    elsewhere = client.get(reverse("needs:whom_to_ask", args=[need_at().pk])).context["people"]
    assert not {row.token for row in elsewhere} & set(tokens)


def test_a_volunteer_sees_the_reasons_and_accepts_with_the_rules_of_safety(people: Cast, signed_in: SignedIn) -> None:
    need = need_at(place_text="behind the station", text="a long story")
    [row] = proposals.propose(need, [people.alice], None)
    client = signed_in(people.alice)
    page = client.get("/proposals/").content.decode()
    assert "in your area or next to it" in page
    assert "in the same area" not in page and "at the same time" not in page
    assert "behind the station" not in page and "a long story" not in page
    path = reverse("needs:answer_proposal", args=[row.pk])
    assert client.post(path, {"answer": "yes"}, follow=True).redirect_chain[-1][0] == "/proposals/"
    assert not Commitment.objects.exists()
    answer = client.post(path, {"answer": "yes", "safe": "on"})
    assert answer["Location"] == reverse("needs:commitment", args=[Commitment.objects.get().pk])


def test_lists_need_as_many_queries_for_many_rows_as_for_few(
    people: Cast, signed_in: SignedIn, settings: Settings
) -> None:
    settings.COMMITMENTS_PER_VOLUNTEER = 9
    need = need_at()

    def queries(path: str, who: User) -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert signed_in(who).get(path).status_code == 200
        return len(asked)

    whom = reverse("needs:whom_to_ask", args=[need.pk])
    proposals.propose(need_at(), [people.alice], None)
    signed_in(people.carol).get(whom)  # puts the site's categories in the cache
    before = [queries(whom, people.carol), queries("/proposals/", people.alice), queries("/triage/ask/", people.carol)]
    for number in range(12):
        offers(User.objects.create_user(f"more{number}@example.org"))
        need_at()
    offers(people.alice, most=9)
    proposals.propose_pairs([(each.pk, people.alice.pk) for each in Need.objects.all()[:6]], None)
    after = [queries(whom, people.carol), queries("/proposals/", people.alice), queries("/triage/ask/", people.carol)]
    assert after == before
