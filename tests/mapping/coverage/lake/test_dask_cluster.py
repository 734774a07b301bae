"""A real Dask cluster of separate processes gives the same bits as one process, whatever dies meanwhile."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mapping.coverage.cells.coverage_model import PUBLISHED
from mapping.coverage.folding import rebuild
from mapping.coverage.folding.evidence_sums import EvidenceSums
from mapping.coverage.lake import dask_engine, lake_recompute, writing_lake
from mapping.coverage.lake.engines import Done
from mapping.coverage.lake.manifest import LakeError, LakeFile, Manifest
from mapping.enums import Status
from solidarity.ops.bench.lake import generated_lake
from tests.mapping.coverage.lake import dask_hosts, lake_world
from tests.mapping.coverage.lake.dask_hosts import DaskHosts
from tests.support import Cast, City

pytestmark = [
    pytest.mark.xdist_group("dask"),
    # A client closes its connections in a thread; that of a killed worker ends with an error.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
]

ROWS = 60_000
TASK = 2_000


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskHosts]:
    with dask_hosts.hosts(tmp_path_factory.mktemp("dask"), workers=2) as made:
        yield made


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Manifest]:
    folder = tmp_path_factory.mktemp("lake")
    return folder, generated_lake.make(folder, ROWS, points=2_000)


def on_cluster(cluster: DaskHosts, folder: Path, files: list[LakeFile], done: Done | None = None) -> EvidenceSums:
    engine = dask_engine.engine(cluster.address, task_rows=TASK)
    return engine(str(folder), files, PUBLISHED, lake_world.AS_OF, done or (lambda _rows: None))


def test_the_cluster_stores_what_the_database_gives(cluster: DaskHosts, cast: Cast, city: City, tmp_path: Path) -> None:
    now = lake_world.settle(cast, city)
    writing_lake.write(tmp_path)
    for before in (Status.COVERED, Status.UNDER_COVERED):
        for source in ("database", "again", "dask"):
            lake_world.pretend(before)
            if source == "dask":
                lake_recompute.recompute(tmp_path, dask_engine.engine(cluster.address, task_rows=20), now)
            else:
                rebuild.recompute_all(now)
                expected = lake_world.stored()
        assert lake_world.stored() == expected


def test_the_bits_are_the_same_when_a_worker_is_killed_with_tasks_in_flight(
    cluster: DaskHosts, lake: tuple[Path, Manifest]
) -> None:
    folder, manifest = lake
    killed: list[int] = []

    def kill_one(_rows: int) -> None:
        if not killed:
            killed.append(cluster.running[2].pid)
            cluster.kill(2)

    found = on_cluster(cluster, folder, manifest.files, kill_one)
    cluster.start(2)
    cluster.wait_for_workers(2)
    assert killed
    assert lake_world.same_bits(found, lake_world.locally(folder, manifest.files))


def test_a_file_that_a_worker_cannot_read_is_named(cluster: DaskHosts, tmp_path: Path) -> None:
    made = generated_lake.make(tmp_path, 3_000, points=100)
    lost = made.files[7].path
    (tmp_path / lost).unlink()
    with pytest.raises(LakeError, match=lost):
        on_cluster(cluster, tmp_path, made.files)


def test_without_a_scheduler_the_engine_gives_up_and_says_so(lake: tuple[Path, Manifest]) -> None:
    folder, manifest = lake
    engine = dask_engine.engine("tcp://127.0.0.1:9", patience=1.0)
    with pytest.raises(LakeError, match="gave no result for 1 s"):
        engine(str(folder), manifest.files, PUBLISHED, lake_world.AS_OF, lambda _rows: None)


@pytest.mark.repetition
def test_the_bits_are_the_same_when_the_scheduler_is_restarted(cluster: DaskHosts, lake: tuple[Path, Manifest]) -> None:
    folder, manifest = lake
    restarted: list[bool] = []

    def restart(_rows: int) -> None:
        if not restarted:
            restarted.append(True)
            for host in (0, 1, 2):
                cluster.kill(host)
            for host in (0, 1, 2):
                cluster.start(host)

    found = on_cluster(cluster, folder, manifest.files, restart)
    cluster.wait_for_workers(2)
    assert restarted
    assert lake_world.same_bits(found, lake_world.locally(folder, manifest.files))


@pytest.mark.repetition
def test_one_region_with_most_of_the_rows_is_divided_among_the_workers(cluster: DaskHosts, tmp_path: Path) -> None:
    made = generated_lake.make(tmp_path, 400_000, points=20_000, one_region=0.85)
    by_region: dict[int, int] = {}
    for file in made.files:
        by_region[file.region] = by_region.get(file.region, 0) + file.rows
    assert max(by_region.values()) > 0.8 * made.rows
    tasks: list[int] = []
    found = on_cluster(cluster, tmp_path, made.files, tasks.append)
    assert len(tasks) > 50 and max(tasks) < 0.05 * made.rows
    assert lake_world.same_bits(found, lake_world.locally(tmp_path, made.files))
