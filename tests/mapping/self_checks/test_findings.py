"""Findings of the self-checks about associations: who reads them when, and the answers."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from mapping.models import SelfCheckNotice
from mapping.plans.self_checks import findings
from mapping.tasks import check_map
from needs.doors.retention import runner
from tests.mapping.self_checks.test_checks import FLAT, checked, team
from tests.support import Cast, City, SignedIn
from volunteers.enums import Role
from volunteers.models import Membership, Notification, Territory

pytestmark = pytest.mark.django_db
ANSWER = "We walk without phones, because people ask us to."


@pytest.fixture
def silent(city: City, cast: Cast, settings: Settings) -> City:
    """Maraude du Nord logs no time on its tours, and the nightly job has found it."""
    settings.MFA_REQUIRED = False
    checked(city.nord, FLAT)
    team(city.nord, cast.maraude, unlogged=20)
    check_map()
    return city


def pages(signed_in: SignedIn, cast: Cast) -> str:
    """What a coordinator reads on the pages of Ville and Nord."""
    client = signed_in(cast.diane)
    texts = [client.get(reverse("mapping:checks", args=[slug])).content.decode() for slug in ("ville", "nord")]
    return re.sub(r"\s+", " ", " ".join(texts))


def own(client: Any, association: str = "maraude", **sent: str) -> Any:
    address = reverse("mapping:own_check", args=[association])
    return client.post(address, sent) if sent else client.get(address)


def later(days: int) -> None:
    SelfCheckNotice.objects.update(since=timezone.now() - timedelta(days=days))


def test_the_association_reads_it_at_once_and_coordinators_its_name_after_14_days(
    silent: City, cast: Cast, signed_in: SignedIn
) -> None:
    slug = cast.maraude.slug
    mine = own(signed_in(cast.bob), slug).content.decode()
    assert "Many of your tours log no time" in mine and "Save the answer" not in mine, "Bob is a member"
    for days in (0, 13):
        later(days)
        assert cast.maraude.name not in pages(signed_in, cast)
    later(14)
    assert pages(signed_in, cast).count(f"Many tours of {cast.maraude.name} log no time") == 2


def test_its_dispatchers_are_told_once_and_their_answer_stands_beside_the_finding(
    silent: City, cast: Cast, signed_in: SignedIn
) -> None:
    check_map()
    told = Notification.objects.filter(key__startswith="self-check:")
    assert set(told.values_list("user", flat=True)) == {cast.carol.pk}
    assert told.count() == SelfCheckNotice.objects.count() == 2, "one for Nord, one for Ville"
    answer = own(signed_in(cast.carol), cast.maraude.slug, kind="unlogged", **{"unlogged-answer": ANSWER})
    assert answer.status_code == 302
    assert ANSWER in own(signed_in(cast.bob), cast.maraude.slug).content.decode()
    assert ANSWER not in pages(signed_in, cast)
    later(14)
    check_map()
    assert pages(signed_in, cast).count(ANSWER) == 2


def test_a_finding_in_one_territory_names_nobody_in_another(silent: City, cast: Cast, signed_in: SignedIn) -> None:
    SelfCheckNotice.objects.filter(territory=silent.root).update(since=timezone.now() - timedelta(days=20))
    client = signed_in(cast.diane)
    names = [
        cast.maraude.name in client.get(reverse("mapping:checks", args=[slug])).content.decode()
        for slug in ("ville", "nord")
    ]
    assert names == [True, False]


def test_nobody_is_named_before_the_nightly_job_told_the_association(
    city: City, cast: Cast, signed_in: SignedIn, settings: Settings
) -> None:
    settings.MFA_REQUIRED = False
    checked(city.nord, FLAT)
    team(city.nord, cast.maraude, unlogged=20)
    assert cast.maraude.name not in pages(signed_in, cast)


def test_an_association_reads_its_own_sums_without_any_finding(city: City, cast: Cast, signed_in: SignedIn) -> None:
    checked(city.nord, FLAT)
    team(city.nord, cast.maraude, visits=17, expected=9.4, met=8)
    text = own(signed_in(cast.bob), cast.maraude.slug).content.decode()
    assert "no question about your tours" in text
    assert re.findall(r'<td class="number">(\d+)</td>', text) == ["20", "0", "17", "9", "8"]


@pytest.mark.parametrize("who", ["alice", "diane", "edith", "greta", "farid"])
def test_others_neither_read_nor_answer(who: str, silent: City, cast: Cast, signed_in: SignedIn) -> None:
    Membership.objects.create(user=cast.greta, association=cast.other, role=Role.DISPATCHER)
    client = signed_in(getattr(cast, who))
    assert own(client, cast.maraude.slug).status_code == 404
    assert own(client, cast.maraude.slug, kind="unlogged", **{"unlogged-answer": "x"}).status_code == 404
    assert not SelfCheckNotice.objects.exclude(answer="").exists()


def test_members_do_not_answer_and_forged_kinds_are_nothing(silent: City, cast: Cast, signed_in: SignedIn) -> None:
    assert own(signed_in(cast.bob), cast.maraude.slug, kind="unlogged", **{"unlogged-answer": "x"}).status_code == 404
    for kind in ("search", "", "nothing"):
        assert own(signed_in(cast.carol), cast.maraude.slug, kind=kind, **{f"{kind}-answer": "x"}).status_code == 404


def test_an_answer_with_a_phone_number_is_held(silent: City, cast: Cast, signed_in: SignedIn) -> None:
    sent = {"unlogged-answer": "Call Karim on 06 12 34 56 78"}
    answer = own(signed_in(cast.carol), cast.maraude.slug, kind="unlogged", **sent)
    assert answer.status_code == 422 and sent["unlogged-answer"] in answer.content.decode()
    assert not SelfCheckNotice.objects.exclude(answer="").exists()


@pytest.mark.parametrize("hour", [0, 12, 23])
def test_findings_and_answers_are_deleted_62_days_after_the_last_finding(silent: City, cast: Cast, hour: int) -> None:
    """Days are those of the territory, also around midnight, when UTC has another day."""
    findings.answer(cast.maraude, "unlogged", ANSWER, cast.carol)
    now = timezone.localtime().replace(hour=hour, minute=30)
    SelfCheckNotice.objects.filter(territory=silent.nord).update(found_on=now.date() - timedelta(days=63))
    SelfCheckNotice.objects.filter(territory=silent.root).update(found_on=now.date() - timedelta(days=62))
    runner.run(now)
    assert list(SelfCheckNotice.objects.values_list("territory", flat=True)) == [silent.root.pk]


def test_without_a_count_no_finding_and_no_expected_people_reach_an_association(
    city: City, cast: Cast, settings: Settings, signed_in: SignedIn
) -> None:
    settings.MFA_REQUIRED = False
    Territory.objects.filter(slug="ville").update(count_kind="")
    checked(city.nord, FLAT)
    team(city.nord, cast.maraude, unlogged=20)
    check_map()
    assert not SelfCheckNotice.objects.exists()
    assert not Notification.objects.filter(key__startswith="self-check:").exists()
    page = own(signed_in(cast.bob), cast.maraude.slug)
    assert page.context["sums"] == page.context["questions"] == []
    Territory.objects.filter(slug="ville").update(count_kind="official")
    check_map()
    assert own(signed_in(cast.bob), cast.maraude.slug).context["sums"] and SelfCheckNotice.objects.exists()
