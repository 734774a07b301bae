"""The search vocabulary: what it finds, and that it survives being kept and being put in an address."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from needs.enums import Category, Channel, NeedState, Urgency
from needs.models import Need
from needs.saved_searches.need_filters import MAX_HOURS, SearchQuery
from solidarity.lib.grid import cell_of
from tests.support import City

NORD, SUD = cell_of(48.868, 2.350), cell_of(48.855, 2.350)


def need(**fields: Any) -> Need:
    hours = fields.pop("hours_ago", 1)
    values = {"kinds": ["food"], "cell": NORD, "at": timezone.now() - timedelta(hours=hours), "content_hash": "x"}
    return Need.objects.create(id=uuid.uuid4(), **{**values, **fields})


def found(query: SearchQuery) -> set[Any]:
    return set(query.apply(Need.objects.all(), timezone.now()).values_list("pk", flat=True))


def test_an_empty_search_finds_everything(city: City) -> None:
    one = need()
    assert SearchQuery().is_empty
    assert found(SearchQuery()) == {one.pk}


def test_each_field_narrows_the_search(city: City) -> None:
    tent = need(kinds=["water", "tent"], urgency="now", state="open", channel="api", cell=SUD, hours_ago=30)
    food = need()
    both = {tent.pk, food.pk}
    assert found(SearchQuery(kinds=("tent", "food"))) == both
    for query in (
        SearchQuery(kinds=("tent",)), SearchQuery(urgency=("now",)), SearchQuery(states=("open",)),
        SearchQuery(channel=("api",)), SearchQuery(area="sud"), SearchQuery(older=24),
    ):  # fmt: skip
        assert found(query) == {tent.pk}, query
    assert found(SearchQuery(newer=24)) == {food.pk}
    assert found(SearchQuery(area="ville")) == both
    assert found(SearchQuery(area="nowhere")) == set()


def some(choices: Any) -> Any:
    return st.sets(st.sampled_from(choices.values)).map(lambda one: tuple(c for c in choices.values if c in one))


SEARCHES = st.builds(
    SearchQuery, kinds=some(Category), urgency=some(Urgency), states=some(NeedState), channel=some(Channel),
    area=st.from_regex(r"\A[a-z0-9-]{0,20}\Z"), newer=st.integers(0, MAX_HOURS), older=st.integers(0, MAX_HOURS),
)  # fmt: skip


@given(SEARCHES)
def test_a_search_comes_back_as_it_was_kept(query: SearchQuery) -> None:
    assert SearchQuery.from_json(query.to_json()) == query
    assert SearchQuery.from_querystring(QueryDict(query.to_querystring())) == query


@pytest.mark.parametrize(
    "text", ["kinds=gold", "states=&urgency=", "newer=-3", "newer=١", "older=1e9", "newer=99999999999", "page=2"]
)
def test_what_it_does_not_know_is_passed_over(text: str) -> None:
    assert SearchQuery.from_querystring(QueryDict(text)).is_empty


def test_values_may_stand_with_commas_and_the_order_does_not_matter() -> None:
    commas, repeated = QueryDict("kinds=tent,food"), QueryDict("kinds=food&kinds=tent")
    assert SearchQuery.from_querystring(commas) == SearchQuery.from_querystring(repeated)


def test_hours_have_an_end() -> None:
    assert SearchQuery.from_querystring(QueryDict("newer=999999999")).newer == MAX_HOURS
