"""Attack 17: one dispatcher of an association multiplies the daily budget of exact places: higher limits for members,
vouches for new accounts, many invitations, needs given back in seconds."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from needs.help.commitments import ending, exact_place, taking
from needs.help.exact_places import budget, eligibility
from needs.help.records.refusals import Refusal, Refused
from needs.models import BudgetRaise, Commitment, Need, NeedAssignment, PlaceView
from tests.needs.api_cases import NORD, SUD, TokenClient, file
from tests.needs.commitments.commitment_cases import refused
from tests.needs.exact_places.place_cases import look, needs, opened_earlier, refusal
from tests.support import Cast, City, SignedIn
from volunteers.enums import Duty, Role
from volunteers.models import (
    Assignment,
    Association,
    AuditEntry,
    Invitation,
    Membership,
    Notification,
    User,
    Vouch,
    WorkArea,
)
from volunteers.people.audit.verbs import Verb
from volunteers.people.vouching import vouching
from volunteers.places.territories import work_areas


def account(name: str) -> User:
    user = User.objects.create_user(f"{name}@attack.example", None, display_name=name)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def foreign(cast: Cast) -> Association:
    """An association that nobody invited anywhere, with its dispatcher and one member."""
    association = Association.objects.create(slug="front", name="Front")
    Membership.objects.create(user=account("boss"), association=association, role=Role.DISPATCHER)
    Membership.objects.create(user=account("puppet"), association=association)
    return association


def person(name: str) -> User:
    return User.objects.get(display_name=name)


# --- an association without a territory ------------------------------------------------------------------------------


def test_an_association_that_works_nowhere_opens_no_place(foreign: Association, signed_in: SignedIn) -> None:
    puppet, [need] = person("puppet"), needs(1)
    client = signed_in(puppet)
    page = client.get(f"/open/{need.pk}/").content.decode()
    assert "Your association does not work in this area" in page and "I take care of it" not in page
    answer = client.post(f"/open/{need.pk}/", {"kinds": ["food"], "safe": "on"})
    assert answer.status_code == 409 and "48.8661" not in answer.content.decode()
    sent = TokenClient(puppet).send(f"open-needs/{need.pk}/take/", {"safe": True})
    assert (sent.status_code, sent.json()["code"]) == (409, "not_here")
    assert refused(lambda: taking.take(need, puppet, association=foreign)).refusal is Refusal.NOT_HERE
    assert not Commitment.objects.exists()


def test_its_vouch_opens_nothing_either(foreign: Association, cast: Cast) -> None:
    Vouch.objects.create(user=cast.greta, association=foreign, accepted=True, answered_at=timezone.now())
    assert refused(lambda: taking.take(needs(1)[0], cast.greta)).refusal is Refusal.NOT_HERE


def test_its_dispatcher_raises_no_budget(foreign: Association, signed_in: SignedIn) -> None:
    puppet, boss = person("puppet"), signed_in(person("boss"))
    assert boss.get("/triage/places/").status_code == 200
    assert "More places today" not in boss.get("/me/associations/front/").content.decode()
    assert boss.post(f"/triage/places/{puppet.key}/raise/", {"extra": "5"}).status_code == 404
    assert not BudgetRaise.objects.exists()


def test_an_invitation_opens_its_territory_and_no_other(foreign: Association, cast: Cast, city: City) -> None:
    puppet = person("puppet")
    work_areas.invite(foreign, [city.nord], cast.diane)
    assert look(file(NORD), puppet)
    assert refused(lambda: taking.take(file(SUD), puppet)).refusal is Refusal.NOT_HERE
    assert [area.slug for area in work_areas.of(foreign)] == ["nord"]


def test_the_duty_of_its_dispatcher_is_an_area(foreign: Association, city: City) -> None:
    Assignment.objects.create(user=person("boss"), territory=city.sud, duty=Duty.DISPATCHER)
    assert look(file(SUD), person("puppet"))
    assert refused(lambda: taking.take(file(NORD), person("puppet"))).refusal is Refusal.NOT_HERE


def test_the_duty_of_a_plain_member_is_none(foreign: Association, city: City, cast: Cast) -> None:
    Membership.objects.create(user=cast.carol, association=foreign)  # carol dispatches for another association
    assert refused(lambda: taking.take(file(NORD), person("puppet"))).refusal is Refusal.NOT_HERE


def test_the_end_of_an_invitation_gives_the_needs_back(foreign: Association, cast: Cast, city: City) -> None:
    work_areas.invite(foreign, [city.nord], cast.diane)
    own = look(file(NORD), person("puppet"))
    work_areas.end(WorkArea.objects.get(association=foreign), cast.diane)
    own.refresh_from_db()
    assert own.state == "withdrawn"
    assert list(AuditEntry.objects.filter(verb__startswith="area").order_by("seq").values_list("verb", flat=True)) == [
        Verb.AREA_GIVEN, Verb.AREA_ENDED
    ]  # fmt: skip


def test_the_desk_can_ask_an_association_from_elsewhere_for_one_need(foreign: Association, cast: Cast) -> None:
    one, other = needs(2)
    NeedAssignment.objects.create(need=one, association=foreign, by=cast.carol)
    assert look(one, person("puppet"))
    assert refused(lambda: taking.take(other, person("puppet"))).refusal is Refusal.NOT_HERE


# --- budgets ---------------------------------------------------------------------------------------------------------


def test_a_raise_counts_only_where_its_dispatcher_works(cast: Cast, city: City, settings: Settings) -> None:
    settings.PLACES_PER_DAY = 1
    local = account("local")
    Membership.objects.create(user=local, association=cast.maraude, role=Role.DISPATCHER)
    Assignment.objects.create(user=local, territory=city.sud, duty=Duty.DISPATCHER)
    assert refusal(file(NORD), cast.bob) is None
    assert budget.raise_budget(cast.bob, 10, local)
    assert refusal(file(NORD), cast.bob) is Refusal.BUDGET
    assert refusal(file(SUD), cast.bob) is None


def test_ten_puppets_get_no_more_than_the_ceiling_and_the_desk_hears_at_once(cast: Cast, settings: Settings) -> None:
    settings.PLACES_PER_ASSOCIATION = 8
    opened = 0
    for number in range(10):
        puppet = account(f"puppet{number}")
        Membership.objects.create(user=puppet, association=cast.maraude)
        answers = [refusal(need, puppet) for need in needs(3)]
        opened += answers.count(None)
        assert set(answers) <= {None, Refusal.ASSOCIATION_BUDGET}
    assert opened == 8 == PlaceView.objects.count()
    told = Notification.objects.filter(topic="desk")
    assert [each.user for each in told] == [cast.carol]
    assert timezone.now() - told[0].made_at < timedelta(minutes=1)
    assert "Maraude" not in told[0].title + told[0].body
    assert AuditEntry.objects.filter(verb=Verb.MANY_PLACES, kind="association").count() == 1


def test_a_place_that_the_association_opened_needs_no_room(cast: Cast, settings: Settings) -> None:
    settings.PLACES_PER_ASSOCIATION = 1
    one, other = needs(2)
    assert refusal(one, cast.bob) is None
    assert refusal(other, cast.bob) is Refusal.ASSOCIATION_BUDGET
    assert refusal(one, cast.alice) is None
    assert refusal(needs(1)[0], cast.edith) is None  # another association


def test_the_desk_lets_an_association_see_more(cast: Cast, settings: Settings) -> None:
    settings.PLACES_PER_ASSOCIATION = 1
    assert [refusal(need, cast.bob) for need in needs(2)] == [None, Refusal.ASSOCIATION_BUDGET]
    budget.raise_budget(cast.bob, 1, cast.carol)
    assert [refusal(need, cast.bob) for need in needs(2)] == [None, Refusal.ASSOCIATION_BUDGET]


# --- giving back -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["not_found", "refused"])
def test_a_visit_that_took_seconds_was_none(cast: Cast, reason: str) -> None:
    one, two, three = needs(3)
    for need in (one, two):
        ending.withdraw(look(need, cast.alice).pk, cast.alice, reason)
    assert refused(lambda: taking.take(three, cast.alice)).refusal is Refusal.PAUSED
    assert Notification.objects.filter(user=cast.carol, topic="desk").count() == 1


def test_a_phone_that_was_elsewhere_says_so(cast: Cast, signed_in: SignedIn) -> None:
    one, two, three = needs(3)
    kept = [look(need, cast.alice) for need in (one, two, three)]
    opened_earlier()
    client, api = signed_in(cast.alice), TokenClient(cast.alice)
    assert client.post(f"/commitments/{kept[0].pk}/give-back/", {"reason": "not_found", "near": ""}).status_code == 302
    assert (
        client.post(f"/commitments/{kept[1].pk}/give-back/", {"reason": "not_found", "near": "no"}).status_code == 302
    )
    assert not eligibility.is_paused(cast.alice)
    assert api.send(f"commitments/{kept[2].pk}/withdraw/", {"reason": "not_found", "near": False}).status_code == 200
    assert refused(lambda: taking.take(needs(1)[0], cast.alice)).refusal is Refusal.PAUSED


def test_danger_is_reported_without_fear_of_a_pause(cast: Cast) -> None:
    for need in needs(2):
        ending.withdraw(look(need, cast.alice).pk, cast.alice, "unsafe", near=False)
    assert not eligibility.is_paused(cast.alice)


# --- vouches, invitations and requests to join -----------------------------------------------------------------------


def ask(number: int, association: Association) -> Vouch:
    return vouching.ask(account(f"asker{number}"), association)


def test_vouches_have_a_daily_limit_per_person_and_association(cast: Cast, settings: Settings) -> None:
    settings.VOUCHES_PER_PERSON, settings.VOUCHES_PER_ASSOCIATION = 2, 3
    second = account("second")
    Membership.objects.create(user=second, association=cast.maraude, role=Role.DISPATCHER)
    asked = [ask(number, cast.maraude) for number in range(6)]
    said = []
    for vouch, by in zip(asked, [cast.carol] * 3 + [second] * 3, strict=True):
        try:
            said.append(vouching.answer(vouch, accepted=True, by=by))
        except vouching.VouchRefused as why:
            assert why.why is vouching.VouchRefusal.TOO_MANY_TODAY
            said.append(False)
    # Alice's vouch was accepted today, too: two of carol's, none left for the association.
    assert said == [True, True, False, False, False, False]
    assert vouching.answer(asked[2], accepted=False, by=cast.carol)
    Vouch.objects.filter(accepted=True).update(answered_at=timezone.now() - timedelta(hours=25))
    assert vouching.answer(asked[3], accepted=True, by=cast.carol)


def test_the_page_keeps_a_request_beyond_the_limit(cast: Cast, settings: Settings, signed_in: SignedIn) -> None:
    settings.VOUCHES_PER_PERSON = 0
    vouch = ask(1, cast.maraude)
    path = f"/me/associations/{cast.maraude.slug}/vouches/{vouch.pk}/answer/"
    answer = signed_in(cast.carol).post(path, {"answer": "yes"}, follow=True)
    assert "Answer it tomorrow" in answer.content.decode()
    vouch.refresh_from_db()
    assert vouch.accepted is None


def invite(client: Client, number: int, association: Association) -> int:
    return client.post(
        f"/me/associations/{association.slug}/invite/", {"email": f"n{number}@attack.example", "role": "member"}
    ).status_code


def test_invitations_have_a_daily_limit_per_person_and_association(
    cast: Cast, settings: Settings, signed_in: SignedIn
) -> None:
    settings.INVITATIONS_PER_PERSON = 2
    settings.INVITATIONS_PER_ASSOCIATION = 3 + Membership.objects.filter(association=cast.maraude).count()
    second = account("second")
    Membership.objects.create(user=second, association=cast.maraude, role=Role.DISPATCHER)
    settings.INVITATIONS_PER_ASSOCIATION += 1
    carol, other = signed_in(cast.carol), signed_in(second)
    assert [invite(carol, number, cast.maraude) for number in range(3)] == [302, 302, 422]
    waiting = Invitation.objects.filter(by=cast.carol).first()
    assert waiting is not None
    assert carol.post(f"/me/associations/{cast.maraude.slug}/invitations/{waiting.pk}/again/").status_code == 302
    assert [invite(other, number, cast.maraude) for number in range(3, 6)] == [302, 422, 422]
    assert Invitation.objects.count() == 3


def test_an_accepted_request_to_join_counts_as_an_invitation(
    cast: Cast, settings: Settings, signed_in: SignedIn
) -> None:
    from needs.neighbours.groups import join_requests

    settings.INVITATIONS_PER_PERSON = 1
    people = [account("first"), account("second")]
    one, two = (join_requests.ask_association(cast.maraude, each) for each in people)
    carol = signed_in(cast.carol)
    for row in (one, two):
        carol.post(f"/join/requests/{row.pk}/answer/", {"answer": "yes"})
    assert [Membership.objects.filter(user=each).count() for each in people] == [1, 0]
    assert invite(carol, 1, cast.maraude) in (302, 422)
    two.refresh_from_db()
    assert two.answer == ""


def test_what_the_holder_sees_closes_with_the_area(foreign: Association, cast: Cast, city: City) -> None:
    Assignment.objects.create(user=person("boss"), territory=city.nord, duty=Duty.DISPATCHER)
    own = look(file(NORD), person("puppet"))
    Assignment.objects.filter(user=person("boss")).update(ended_at=timezone.now())
    with pytest.raises(Refused) as why:
        exact_place.reveal_place(own.pk, person("puppet"))
    assert why.value.refusal is Refusal.NOT_HERE
    assert Need.objects.filter(pk=own.need_id).exists()


# --- who invites -----------------------------------------------------------------------------------------------------


def test_a_coordinator_invites_an_association_to_their_territories_only(
    foreign: Association, cast: Cast, city: City, signed_in: SignedIn
) -> None:
    north = account("north")
    Assignment.objects.create(user=north, territory=city.nord, duty=Duty.COORDINATOR, purpose="winter")
    client, path = signed_in(north), "/territories/duties/associations/"
    page = client.get(path).content.decode()
    assert "These associations work nowhere yet" in page and "Front" in page
    for slug in ("sud", "ville"):
        assert client.post(path, {"association": "front", "territory": slug}).status_code == 400
    assert client.post(path, {"association": "front", "territory": "nord"}).status_code == 302
    assert "Nord" in signed_in(person("boss")).get("/me/associations/front/").content.decode()
    assert look(file(NORD), person("puppet"))
    area = WorkArea.objects.get(association=foreign)
    other = WorkArea.objects.get(association=cast.other)
    assert client.post(f"{path}{other.pk}/end/").status_code == 404
    assert client.post(f"{path}{area.pk}/end/").status_code == 302
    assert not WorkArea.objects.filter(association=foreign).exists()


def test_nobody_invites_their_own_association(foreign: Association, cast: Cast, signed_in: SignedIn) -> None:
    for user in (person("boss"), person("puppet"), cast.carol, cast.alice):
        sent = signed_in(user).post("/territories/duties/associations/", {"association": "front", "territory": "ville"})
        assert sent.status_code == 404
    assert not WorkArea.objects.filter(association=foreign).exists()


def test_the_upgrade_invites_associations_where_they_were(foreign: Association, city: City) -> None:
    from importlib import import_module

    from django.apps import apps

    boss = person("boss")
    end = timezone.now() + timedelta(hours=1)
    Commitment.objects.create(need=file(SUD), volunteer=boss, association=foreign, expires_at=end)
    import_module("needs.migrations.0009_where_associations_work").invite_where_they_were(apps, None)
    assert [area.slug for area in work_areas.of(foreign)] == ["sud"]
