"""More attacks on privacy through nginx: those of tests/privacy that only read addresses."""

import pytest
from django.utils import timezone

from mapping.coverage.cells.coverage_model import Model
from mapping.models import Parameters
from solidarity.ops.demo import seeding
from tests.privacy import test_02_subtracting_levels as levels
from tests.privacy import test_03_filters_and_windows as filters
from tests.privacy import test_15_reasons_in_bands as bands

pytestmark = [
    pytest.mark.xdist_group("deployment"),
    pytest.mark.repetition,
    pytest.mark.usefixtures("through_proxy"),
]


@pytest.fixture
def demo(through_proxy: None) -> None:
    """The demonstration's last weeks, where the served application sees them."""
    Parameters.objects.get_or_create(territory=None, version=1, defaults={"values": Model().values()})
    seeding.seed(29, 1, timezone.now(), passwords=False)


published = levels.published
test_a_low_zoom_tells_no_more_than_the_cells = levels.test_a_low_zoom_tells_no_more_than_the_cells_of_the_same_release
test_no_zoom_shows_a_later_release_than_another = levels.test_no_zoom_shows_a_later_release_than_another
test_the_list_of_zones_and_its_parts_are_one_release = filters.test_the_list_of_zones_and_its_parts_are_one_release
test_boxes_on_the_map_of_an_event_find_no_exact_place = (
    filters.test_boxes_on_the_map_of_an_event_find_a_report_where_it_is_shown_and_nowhere_else
)
reader = bands.reader
test_the_page_is_the_same_for_all_figures_in_the_same_bands = (
    bands.test_the_page_is_the_same_for_all_figures_in_the_same_bands
)
