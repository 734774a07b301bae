"""The region of the benchmark can change its size."""

from dataclasses import replace

from django.db import connection

from mapping.models import CellState, Parameters
from solidarity.ops.bench import bench_region
from solidarity.ops.bench.sizes import SIZES
from volunteers.models import Territory


def test_a_region_of_another_size_replaces_the_first_and_keeps_the_parameters(parameters: Parameters) -> None:
    small = replace(SIZES["short"], side=1, cells_share=0.03)
    versions = set(Parameters.objects.values_list("pk", flat=True))
    assert bench_region.lay_out(small) == CellState.objects.count() > 0
    connection.check_constraints()  # TRUNCATE refuses while checks of the same transaction wait
    assert bench_region.lay_out(replace(small, side=2)) == CellState.objects.count() > 0
    assert Territory.objects.filter(parent__slug="bench").count() == 4
    assert parameters.pk in versions and set(Parameters.objects.values_list("pk", flat=True)) == versions
