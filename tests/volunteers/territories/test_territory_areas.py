"""Needs filtered by territory, without a dependency of needs on territories."""

from uuid import UUID

from django.utils import timezone

from needs.base.records.declarations import DraftPlace, NeedDraft
from needs.enums import Category
from needs.models import Need, NeedStep
from tests import filing_verbs
from tests.support import Cast, City
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories import areas


def need_at(latitude: float, longitude: float) -> UUID:
    draft = NeedDraft(at=timezone.now(), place=DraftPlace(latitude, longitude), kinds=[Category.FOOD])
    return filing_verbs.report_need(draft).id


def test_a_need_lies_in_its_district_and_in_the_city_above(city: City) -> None:
    north, south = need_at(48.870, 2.350), need_at(48.855, 2.350)
    assert set(areas.within(Need.objects.all(), "nord").values_list("pk", flat=True)) == {north}
    assert set(areas.within(Need.objects.all(), "ville").values_list("pk", flat=True)) == {north, south}
    assert not areas.within(Need.objects.all(), "nowhere").exists()


def test_a_filter_by_territory_works_inside_another_query(city: City) -> None:
    need_at(48.870, 2.350)
    need_at(48.855, 2.350)
    assert NeedStep.objects.filter(need__in=areas.within(Need.objects.all(), "sud")).count() == 1


def test_the_menu_lists_the_areas_that_the_viewer_may_open(cast: Cast) -> None:
    assert [area.slug for area in areas.areas_for(Viewer(cast.alice))] == ["nord"]
    assert {area.slug for area in areas.areas_for(Viewer(cast.bob))} == {"ville", "nord", "sud"}
    assert list(areas.areas_for(Viewer(cast.greta))) == []
