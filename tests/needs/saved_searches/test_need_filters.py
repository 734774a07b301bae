"""Need filters: what they find, and that saving them or putting them in a URL changes nothing."""

import uuid
from datetime import timedelta

import pytest
from django.db.models import TextChoices
from django.http import QueryDict
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from needs.base.need_filters.need_filters import MAX_HOURS, SearchQuery
from needs.enums import Category, Channel, NeedState, Urgency
from needs.models import Need
from solidarity.lib.grid import cell_of
from tests.support import City

NORD, SUD = cell_of(48.868, 2.350), cell_of(48.855, 2.350)


def need(hours_ago: float = 1, **fields: object) -> Need:
    hours = hours_ago
    values: dict[str, object] = {
        "kinds": ["food"],
        "cell": NORD,
        "at": timezone.now() - timedelta(hours=hours),
        "content_hash": "x",
    }
    return Need.objects.create(id=uuid.uuid4(), **{**values, **fields})


def found(query: SearchQuery) -> set[uuid.UUID]:
    return set(query.apply(Need.objects.all(), timezone.now()).values_list("pk", flat=True))


def test_an_empty_search_finds_everything(city: City) -> None:
    one = need()
    assert SearchQuery().is_empty
    assert found(SearchQuery()) == {one.pk}


def test_each_filter_applies(city: City) -> None:
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


def some(choices: type[TextChoices]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.sets(st.sampled_from(choices.values)).map(lambda one: tuple(c for c in choices.values if c in one))


SEARCHES = st.builds(
    SearchQuery, kinds=some(Category), urgency=some(Urgency), states=some(NeedState), channel=some(Channel),
    area=st.from_regex(r"\A[a-z0-9-]{0,20}\Z"), newer=st.integers(0, MAX_HOURS), older=st.integers(0, MAX_HOURS),
)  # fmt: skip


@given(SEARCHES)
def test_a_stored_search_is_restored(query: SearchQuery) -> None:
    assert SearchQuery.from_json(query.to_json()) == query
    assert SearchQuery.from_querystring(QueryDict(query.to_querystring())) == query


@pytest.mark.parametrize(
    "text", ["kinds=gold", "states=&urgency=", "newer=-3", "newer=١", "older=1e9", "newer=99999999999", "page=2"]
)
def test_unknown_values_are_ignored(text: str) -> None:
    assert SearchQuery.from_querystring(QueryDict(text)).is_empty


def test_values_may_be_separated_by_commas_in_any_order() -> None:
    commas, repeated = QueryDict("kinds=tent,food"), QueryDict("kinds=food&kinds=tent")
    assert SearchQuery.from_querystring(commas) == SearchQuery.from_querystring(repeated)


def test_hours_are_limited() -> None:
    assert SearchQuery.from_querystring(QueryDict("newer=999999999")).newer == MAX_HOURS
