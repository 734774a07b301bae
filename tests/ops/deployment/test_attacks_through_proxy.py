"""Attacks on privacy again, through nginx with the shipped configuration to the served application."""

import pytest

from tests.privacy import test_01_watching_tiles_between_releases as watching
from tests.privacy import test_04_headers_sizes_and_queries as headers

pytestmark = [pytest.mark.xdist_group("deployment"), pytest.mark.usefixtures("through_proxy")]

published = watching.published
test_nothing_of_a_release_moves_when_people_report = watching.test_nothing_of_a_release_moves_when_people_report
test_validators_and_sizes_stand_still = headers.test_validators_and_sizes_stand_still_while_people_report
