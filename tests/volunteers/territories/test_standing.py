"""What an account may do is read with one query, and kept only by a request that reads."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import RequestFactory
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests.support import Cast, City
from volunteers.enums import Duty
from volunteers.models import Assignment, Membership, User, Vouch
from volunteers.people.roles import standing
from volunteers.people.roles.standing import UserMiddleware


def expected(user: User) -> tuple[bool, bool, bool, set[str], list[str]]:
    duties = user.assignments.current()
    return (
        user.memberships.current().exists(),
        user.memberships.dispatching().exists(),
        Vouch.objects.current().filter(user=user).exists(),
        set(duties.values_list("duty", flat=True)),
        sorted(set(duties.values_list("territory__path", flat=True))),
    )


def found(user: User) -> tuple[bool, bool, bool, set[str], list[str]]:
    own = standing.of(user)
    return own.member, own.association_dispatcher, own.vouched_for, set(own.duties), sorted(own.paths)


def test_it_is_what_django_reads(city: City, cast: Cast) -> None:
    now = timezone.now()
    for duty, until in ((Duty.VOLUNTEER, now - timedelta(hours=1)), (Duty.COORDINATOR, now + timedelta(hours=1))):
        Assignment.objects.create(user=cast.edith, territory=city.sud, duty=duty, until=until)
    Assignment.objects.create(user=cast.edith, territory=city.nord, duty=Duty.VOLUNTEER, ended_at=now)
    Assignment.objects.create(user=cast.edith, territory=city.sud, duty=Duty.DISPATCHER)
    everybody = list(User.objects.all())
    assert [found(user) for user in everybody] == [expected(user) for user in everybody]
    assert found(cast.edith)[3:] == ({Duty.COORDINATOR, Duty.DISPATCHER}, [city.sud.path])


def test_code_outside_of_requests_asks_each_time(cast: Cast) -> None:
    assert standing.of(cast.bob).member
    Membership.objects.filter(user=cast.bob).update(left_at=timezone.now())
    assert not standing.of(cast.bob).member


def test_an_account_that_is_gone_may_do_nothing(cast: Cast) -> None:
    gone = User.objects.get(pk=cast.greta.pk)
    User.objects.filter(pk=gone.pk).delete()
    assert found(gone) == (False, False, False, set(), [])


@pytest.mark.parametrize(("method", "queries"), [("GET", 1), ("HEAD", 1), ("POST", 3), ("DELETE", 3)])
def test_only_a_request_that_reads_keeps_it(
    cast: Cast, rf: RequestFactory, django_assert_num_queries: DjangoAssertNumQueries, method: str, queries: int
) -> None:
    standing.of(cast.bob)  # prepares the statement
    request: Any = rf.generic(method, "/")
    request.session = {}
    UserMiddleware(lambda _request: None).process_request(request)  # type: ignore[arg-type, return-value]
    request._cached_user = User.objects.get(pk=cast.bob.pk)
    with django_assert_num_queries(queries):
        assert all(standing.of(request.user).member for _again in range(3))
