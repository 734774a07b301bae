"""What every signed-in page shares: its queries, the navigation that is kept, and what the home page need not ask."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from mapping.out.home import waiting
from mapping.out.home.waiting import Waiting
from mapping.templatetags import page_parts
from needs.models import Need
from tests.mapping.home.evening import busy_evening, held, planned, secret
from tests.support import Cast, City, SignedIn
from volunteers.enums import Duty, Role
from volunteers.models import Assignment, Membership, User

PEOPLE = ("alice", "bob", "carol", "diane", "edith", "farid", "greta")
PLAIN_PAGE = "/legal-notice/"
MOST_OF_A_PAGE = {"alice": (2, 2), "bob": (2, 2), "carol": (3, 4), "diane": (3, 4), "farid": (3, 4)}
"""Queries of a page that shows nothing of its own: the account, what it may do, and for those who watch, whether alarms
wait. The second number is for an evening with alarms, which are then counted."""
MOST_OF_HOME = 20


@pytest.fixture(autouse=True)
def one_factor(settings: Settings) -> None:
    settings.MFA_REQUIRED = False


def shown(client: Client, path: str = "/") -> str:
    """Return a page without the times and the tokens of its forms."""
    page = client.get(path)
    assert page.status_code == 200
    text = re.sub(r'(csrfmiddlewaretoken" value=|X-CSRFToken": )"[^"]*"', "", page.content.decode())
    return re.sub(r"<time.*?</time>|data-work-time>[^<]*|\d+ h \d+ min|\d+ min", "", text, flags=re.DOTALL)


def many_more(city: City, cast: Cast) -> None:
    """Store fifty needs near everybody, of which somebody takes three, and ten tours with places."""
    for number in range(50):
        need = secret((48.8630 + number / 10_000, 2.35))
        if number < 3:
            held(need, cast.edith)
    for number in range(10):
        planned(city.nord, cast.maraude, hours=3 + number, seats=2)


@pytest.mark.parametrize("name", MOST_OF_A_PAGE)
def test_a_plain_page_asks_who_reads_it_and_what_they_may_do(
    city: City, cast: Cast, signed_in: SignedIn, django_assert_max_num_queries: DjangoAssertNumQueries, name: str
) -> None:
    client = signed_in(getattr(cast, name))
    for more, most in zip(
        (None, busy_evening, many_more), (*MOST_OF_A_PAGE[name], MOST_OF_A_PAGE[name][1]), strict=True
    ):
        if more is not None:
            more(city, cast)
        shown(client, PLAIN_PAGE)
        with django_assert_max_num_queries(most):
            shown(client, PLAIN_PAGE)


def test_the_home_page_of_a_volunteer_asks_no_more_for_more_needs_tours_and_news(
    city: City, cast: Cast, signed_in: SignedIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    Assignment.objects.create(user=cast.greta, territory=city.nord, duty=Duty.VOLUNTEER)
    busy_evening(city, cast)
    client, counts = signed_in(cast.greta), []
    for more in (None, many_more):
        if more is not None:
            more(city, cast)
        shown(client)
        with django_assert_max_num_queries(MOST_OF_HOME) as caught:
            shown(client)
        counts.append(len(caught))
    assert counts[0] == counts[1]
    assert Need.objects.takeable().count() > 40


@pytest.mark.parametrize("name", PEOPLE)
def test_what_is_not_asked_would_have_shown_nothing(
    city: City, cast: Cast, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    client, user = signed_in(getattr(cast, name)), getattr(cast, name)
    for more in (None, busy_evening):
        if more is not None:
            more(city, cast)
        found = waiting.for_person(user, timezone.now())
        page = shown(client)
        everything = dict.fromkeys(Waiting.__slots__, True) | {"based": found.based}
        with monkeypatch.context() as asked:
            asked.setattr(waiting, "for_person", lambda _user, _now, marks=everything: Waiting(**marks))
            assert shown(client) == page
    assert not all(getattr(found, field) for field in Waiting.__slots__)


def test_kept_parts_are_the_same_as_new_ones_whoever_read_before(cast: Cast, signed_in: SignedIn) -> None:
    clients = {name: signed_in(getattr(cast, name)) for name in PEOPLE}
    for path in ("/", PLAIN_PAGE, "/open/"):
        alone = {}
        for name, client in clients.items():
            page_parts._plain.cache_clear()
            page_parts._marked.cache_clear()
            alone[name] = shown(client, path)
        for name in reversed(PEOPLE):
            assert shown(clients[name], path) == alone[name]
            others = [getattr(cast, other).display_name for other in PEOPLE if other != name]
            assert not [other for other in others if f"<strong>{other}" in alone[name]]


def test_a_new_role_changes_the_links_of_the_next_page(city: City, cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.greta)
    assert 'href="/triage/"' not in shown(client, PLAIN_PAGE)
    duty = Assignment.objects.create(user=cast.greta, territory=city.nord, duty=Duty.DISPATCHER)
    Membership.objects.create(user=cast.greta, association=cast.other, role=Role.DISPATCHER)
    assert 'href="/triage/"' in shown(client, PLAIN_PAGE)
    Assignment.objects.filter(pk=duty.pk).update(ended_at=timezone.now())
    assert 'href="/triage/"' not in shown(client, PLAIN_PAGE)


def test_the_open_page_is_marked_in_each_navigation_and_only_there(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.alice)
    mark = r'<a[^>]*href="/open/"\s+aria-current="page"'
    for _again in range(2):
        assert len(re.findall(mark, shown(client, "/open/"))) == 2  # the menu of phones repeats no tab
        assert not re.findall(mark, shown(client, PLAIN_PAGE))


def test_a_part_of_all_pages_takes_no_person(cast: Cast) -> None:
    person: Any = User.objects.get(pk=cast.alice.pk)
    with pytest.raises(TypeError, match="must not depend on User"):
        page_parts.page_part(None, "includes/footer_links.html", who=person)  # type: ignore[arg-type]
