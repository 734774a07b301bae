"""Queries that are compiled once return what Django's own queries return."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Model, QuerySet
from django.utils import timezone

from needs.models import Crisis, SourceKey
from needs.retention import pseudonyms
from solidarity.lib.database.kept_query import KeptQuery, KeptValues
from tests.support import Cast
from volunteers.api import tokens
from volunteers.associations.models import associations_of
from volunteers.models import ApiToken, Association, Membership, Territory, User

pytestmark = pytest.mark.django_db


def columns(row: Model) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_a_token_and_its_owner_are_those_that_django_reads(cast: Cast) -> None:
    row, text = tokens.make(cast.bob, "list", writes=True, days=7)
    found = tokens.find(text)
    assert found is not None
    assert columns(found) == columns(ApiToken.objects.get(pk=row.pk)) | {"used_at": None}
    assert columns(found.user) == columns(User.objects.get(pk=cast.bob.pk))
    assert (found._state.adding, found._state.db, found.user._state.adding) == (False, "default", False)
    assert tokens.find(text, timezone.now() + timedelta(days=8)) is None
    tokens.revoke(found)
    assert tokens.find(text) is None
    _row, other = tokens.make(cast.bob, "other", writes=True, days=7)
    User.objects.filter(pk=cast.bob.pk).update(is_active=False)
    assert tokens.find(other) is None


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
