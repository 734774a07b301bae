"""Queries that are compiled once return what Django's own queries return."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models import F, Model, QuerySet
from django.db.models.functions import Length
from django.utils import timezone

from needs.base.retention_rules import pseudonyms
from needs.models import Crisis, SourceKey
from solidarity.lib.database import prepared_statements
from solidarity.lib.database.kept_condition import KeptCondition
from solidarity.lib.database.kept_query import KeptQuery, KeptValues, one_of, starts_with
from tests.support import Cast
from volunteers.models import ApiToken, Association, DutyShift, Membership, Territory, User
from volunteers.people.api import authentication
from volunteers.people.associations.models import associations_of
from volunteers.people.tokens import tokens

pytestmark = pytest.mark.django_db


def columns(row: Model) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_a_token_and_its_owner_are_those_that_django_reads(cast: Cast) -> None:
    row, text = tokens.make(cast.bob, "list", writes=True, days=7)
    found = authentication.find(text)
    assert found is not None
    assert columns(found) == columns(ApiToken.objects.get(pk=row.pk)) | {"used_at": None}
    assert columns(found.user) == columns(User.objects.get(pk=cast.bob.pk))
    assert (found._state.adding, found._state.db, found.user._state.adding) == (False, "default", False)
    assert authentication.find(text, timezone.now() + timedelta(days=8)) is None
    tokens.revoke(found)
    assert authentication.find(text) is None
    _row, other = tokens.make(cast.bob, "other", writes=True, days=7)
    User.objects.filter(pk=cast.bob.pk).update(is_active=False)
    assert authentication.find(other) is None


def test_associations_are_those_of_the_queryset_at_once(cast: Cast) -> None:
    second = Association.objects.exclude(memberships__user=cast.bob).order_by("pk")[0]
    joined = Membership.objects.create(user=cast.bob, association=second)
    found, expected = associations_of(cast.bob), list(Association.objects.of(cast.bob))
    assert [columns(each) for each in found] == [columns(each) for each in expected]
    assert second in found
    Membership.objects.filter(pk=joined.pk).update(left_at=timezone.now())
    assert second not in associations_of(cast.bob)
    assert associations_of(cast.alice) == list(Association.objects.of(cast.alice)) == []


def test_the_key_of_a_month_is_read_each_time() -> None:
    now = timezone.now()
    before = pseudonyms.pseudonym("phone", now)
    assert pseudonyms.pseudonym("phone", now) == before
    SourceKey.objects.all().delete()
    assert pseudonyms.pseudonym("phone", now) != before


def test_a_query_that_cannot_be_kept_is_refused() -> None:
    with pytest.raises(KeyError):
        KeptQuery({"key": 1}, lambda key: Association.objects.filter(pk=key, slug="x")).rows(key=1)
    with pytest.raises(TypeError):
        KeptQuery({"slug": "x"}, lambda slug: Crisis.objects.filter(slug=slug)).rows(slug="x")


def test_values_are_those_of_the_queryset_and_constants_stay(cast: Cast) -> None:
    kept = KeptValues(
        {"user": -1, "slugs": "{a}"},
        lambda user, slugs: Membership.objects.filter(
            one_of("association__slug", slugs, "text"), starts_with("user__email", "b"), user=user, left_at=None
        ).values_list("association__slug", "role"),
    )
    expected = list(Membership.objects.filter(user=cast.bob).values_list("association__slug", "role"))
    slugs = prepared_statements.array(slug for slug, _role in expected)
    assert kept.rows(user=cast.bob.pk, slugs=slugs) == expected != []
    assert kept.rows(user=cast.bob.pk, slugs="{}") == kept.rows(user=cast.alice.pk, slugs=slugs) == []


def test_annotations_and_the_related_row_are_kept(cast: Cast) -> None:
    kept = KeptQuery(
        {"user": -1},
        lambda user: Membership.objects.filter(user=user).annotate(length=Length("association__name")),
        "association",
    )
    [found] = kept.rows(user=cast.bob.pk)
    assert found.length == len(found.association.name)  # type: ignore[attr-defined]
    assert columns(found.association) == columns(Association.objects.get(pk=found.association_id))


def test_kept_values_are_those_that_django_reads(cast: Cast) -> None:
    def named(begins: str, slug: str) -> QuerySet[Any, Any]:
        found = Association.objects.filter(name__startswith=begins).exclude(slug=slug).exclude(about="it's 100 %")
        return found.order_by("pk").values_list("name", "key", "members__is_active")

    kept = KeptValues({"begins": "one", "slug": "two"}, named)
    Association.objects.filter(pk=cast.other.pk).update(name="50 %_off")
    for begins, slug in (("", ""), ("Maraude", ""), ("", cast.maraude.slug), ("50 %_", ""), ("50__", ""), ("%", "")):
        assert kept.rows(begins=begins, slug=slug) == list(named(begins, slug))
    assert kept.rows(begins="50 %_", slug="") and not kept.rows(begins="%", slug="")


def test_kept_values_are_converted_as_by_django(cast: Cast) -> None:
    def crises(slug: str) -> QuerySet[Any, Any]:
        return Crisis.objects.filter(slug=slug).values_list("texts", "area", "starts_at")

    author, area = cast.diane, Territory.objects.get(slug="nord").polygon
    Crisis.objects.create(slug="flood", name="Flood", author=author, area=area, texts={"name": {"fr": "Crue"}})
    kept = KeptValues({"slug": "an-example"}, crises)
    assert kept.rows(slug="flood") == list(crises("flood")) != []
    assert kept.rows(slug="other") == []


def test_a_time_must_be_a_parameter_of_kept_values() -> None:
    kept = KeptValues({"key": 7}, lambda key: Crisis.objects.running(timezone.now()).filter(pk=key).values_list("pk"))
    with pytest.raises(KeyError):
        kept.rows(key=1)
    one = KeptValues({"key": 1}, lambda key: User.objects.filter(pk=key, is_active=True).values_list("pk"))
    assert one.rows(key=-5) == []  # True is not taken for the example 1


def test_each_time_of_a_query_can_stand_for_the_time_of_the_call(cast: Cast) -> None:
    rows = KeptValues(
        {"user": -1, "since": datetime(2000, 1, 1, tzinfo=UTC)},
        lambda user, since: (
            DutyShift.objects.current(timezone.now())
            .filter(user=user, started_at__gte=since)
            .values_list("user", "ends_at")
        ),
        now=True,
    )
    now = timezone.now()
    shift = DutyShift.objects.create(user=cast.carol, started_at=now, ends_at=now + timedelta(hours=1))
    assert rows.rows(user=cast.carol.pk, since=now) == [(cast.carol.pk, shift.ends_at)]
    assert rows.rows(user=cast.edith.pk, since=now) == []
    assert rows.rows(user=cast.carol.pk, since=now + timedelta(seconds=1)) == []
    DutyShift.objects.update(ends_at=timezone.now())
    assert rows.rows(user=cast.carol.pk, since=now) == []


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_time_before_or_after_the_call_is_not_taken_for_the_time_of_the_call(hours: int) -> None:
    def later() -> QuerySet[Any]:
        return DutyShift.objects.filter(ends_at__gt=timezone.now() + timedelta(hours=hours))

    with pytest.raises(KeyError):
        KeptValues({}, lambda: later().values_list("pk"), now=True).rows()
    condition = KeptCondition(("ends_at",), later)
    with pytest.raises(KeyError):
        DutyShift.objects.filter(condition.on(F("ends_at"))).count()
