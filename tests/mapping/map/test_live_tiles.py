"""Live tiles from memory: the same content as ST_AsMVT gives, and never that of an earlier state."""

import uuid
from collections.abc import Callable, Sequence
from typing import Any

import h3.api.basic_int as h3
import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from django.db import connection

from mapping.coverage.folding import fold, rebuild
from mapping.map.live import live_drawing, live_shapes, map_versions, mvt_encoder, outlines, tiles
from mapping.map.live.map_versions import LiveView
from mapping.map.live.polygon_arrays import Polygons
from mapping.map.releases import release_filter
from mapping.map.releases.archives import tiles_of
from mapping.models import LowZoomCell, Zone
from solidarity.lib import cell_geometry, grid
from tests.support import City, Seen
from volunteers.models import Cell, Territory


@pytest.fixture
def lively(city: City, seen: Seen) -> City:
    for step in range(10):
        seen(lat=48.853 + step * 0.0024, lng=2.334 + step * 0.004, persons=step % 4 * 5, minutes=40, hours_ago=5)
    fold.fold_outbox()
    return city


def view_of(slug: str) -> LiveView:
    found = map_versions.of_view(slug)
    assert found is not None
    return found


def known_shapes() -> dict[int, live_shapes.Shapes]:
    """Return the shapes of zones in memory by territory."""
    return {number: shapes for number, shapes in enumerate(live_shapes._known[live_shapes.ZONES].shapes) if shapes}


def content(data: bytes) -> dict[str, dict[Any, tuple[dict[str, Any], Any]]]:
    """Return, for each layer, the properties and the shape of each feature by zone or by place."""
    layers = mapbox_vector_tile.decode(data, default_options={"y_coord_down": True}) if data else {}
    found: dict[str, dict[Any, tuple[dict[str, Any], Any]]] = {}
    for name, layer in layers.items():
        assert layer["extent"] == 4096
        for each in layer["features"]:
            shape = shapely.geometry.shape(each["geometry"])
            key = each["properties"].get("key") or tuple(round(at) for at in shape.centroid.coords[0])
            found.setdefault(name, {})[key] = (each["properties"], shape)
    return found


def assert_equal(ours: bytes, theirs: bytes) -> int:
    """Compare two tiles; return the number of features."""
    left, right = content(ours), content(theirs)
    assert {name: set(layer) for name, layer in left.items()} == {name: set(layer) for name, layer in right.items()}
    for name, layer in left.items():
        for key, (properties, shape) in layer.items():
            wanted, drawn = right[name][key]
            assert properties == wanted
            assert {type(value) for value in properties.values()} == {type(value) for value in wanted.values()}
            assert shape.is_valid
            # where a border leaves the tile, both clip it at the same point or at a point beside it
            assert shape.hausdorff_distance(drawn) < 1.5
    return sum(len(layer) for layer in left.values())


@pytest.mark.parametrize("slug", ["ville", "nord"])
def test_a_live_tile_has_the_content_that_the_database_draws(lively: City, slug: str) -> None:
    territory = {"ville": lively.root, "nord": lively.nord}[slug]
    seen_features = 0
    for zoom in (7, 8, 9, 10, 11, 12, 14, 16):
        around = list(tiles_of(lively.root.polygon.extent, zoom))
        west, north = around[0]
        chosen = [*around[:: max(1, len(around) // 6)], (west - 1, north), (west, north - 1)]
        for x, y in chosen:
            ours = tiles.draw_live(zoom, x, y, view_of(slug))
            seen_features += assert_equal(ours, tiles.draw(zoom, x, y, territory.path, None))
    assert seen_features > 60


def test_zones_with_holes_and_parts_are_drawn_like_the_database_draws_them(lively: City) -> None:
    ring = shapely.Point(2.35, 48.86).buffer(0.02).difference(shapely.Point(2.35, 48.86).buffer(0.008))
    shape = shapely.MultiPolygon([ring, shapely.box(2.348, 48.858, 2.352, 48.862)])
    zone = Zone.objects.live().filter(territory=lively.nord).first()
    assert zone is not None
    Zone.objects.filter(pk=zone.pk).update(shape=shape.wkt, overridden=True, computed=5)
    for z, x, y in [(11, 1037, 704), (12, 2074, 1409), (14, 8299, 5636), (15, 16597, 11272)]:
        ours = tiles.draw_live(z, x, y, view_of("ville"))
        assert str(zone.key) in content(ours)["zones"]
        assert_equal(ours, tiles.draw(z, x, y, lively.root.path, None))


def test_only_a_change_that_tiles_show_gives_a_new_version(lively: City) -> None:
    before = {slug: view_of(slug).key for slug in ("ville", "nord", "sud")}
    Zone.objects.live().update(persons=3.5, chance=0.4)
    assert {slug: view_of(slug).key for slug in before} == before
    zone = Zone.objects.live().filter(territory=lively.nord).first()
    assert zone is not None
    Zone.objects.filter(pk=zone.pk).update(status=zone.status % 6 + 1)
    after = {slug: view_of(slug).key for slug in before}
    assert after["ville"] != before["ville"] and after["nord"] != before["nord"] and after["sud"] == before["sud"]


CHANGES: dict[str, Callable[[Zone], object]] = {
    "status": lambda zone: Zone.objects.filter(pk=zone.pk).update(status=zone.status % 6 + 1),
    "override": lambda zone: Zone.objects.filter(pk=zone.pk).update(overridden=True, computed=zone.status % 6 + 1),
    "outline": lambda zone: Zone.objects.filter(pk=zone.pk).update(
        shape="MULTIPOLYGON(((2.34 48.86, 2.36 48.86, 2.36 48.87, 2.34 48.86)))"
    ),
    "end": lambda zone: zone.delete(),
    "key": lambda zone: Zone.objects.filter(pk=zone.pk).update(key=uuid.uuid4()),
    "recompute": lambda zone: rebuild.recompute_all(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_tile_in_memory_is_never_older_than_the_zones(lively: City, change: str) -> None:
    zone = Zone.objects.live().filter(territory=lively.nord).order_by("-cells").first()
    assert zone is not None
    address = (12, 2074, 1409)
    tiles.live_tile(*address, view_of("ville"))
    CHANGES[change](zone)
    assert_equal(tiles.live_tile(*address, view_of("ville")).data, tiles.draw(*address, lively.root.path, None))


@pytest.mark.parametrize("change", CHANGES)
def test_when_many_territories_changed_only_those_near_the_tile_are_read(
    lively: City, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_shapes, "FEW", 0)
    tiles.live_tile(12, 2074, 1409, view_of("ville"))
    zone = Zone.objects.live().filter(territory=lively.nord).order_by("-cells").first()
    assert zone is not None
    CHANGES[change](zone)
    kept = known_shapes()
    for address in [(12, 2075, 1409), (16, 10, 10), (12, 2074, 1409)]:
        ours = tiles.live_tile(*address, view_of("ville")).data
        assert_equal(ours, tiles.draw(*address, lively.root.path, None))
        if address == (16, 10, 10):
            assert known_shapes() == kept
        kept = known_shapes()


@pytest.mark.parametrize("few", [0, 8])
def test_zones_that_left_the_tile_are_drawn_no_longer(lively: City, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_shapes, "FEW", few)
    address = (12, 2074, 1409)
    assert content(tiles.live_tile(*address, view_of("ville")).data)["zones"]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE mapping_zone SET shape = ST_Translate(shape, 5, 0) WHERE release_id IS NULL")
    assert "zones" not in content(tiles.live_tile(*address, view_of("ville")).data)


def test_rounding_keeps_shapes_valid() -> None:
    shapes = np.array(
        [
            shapely.Polygon([(0, 0), (4, 0), (4, 4), (2, 0.4), (0, 4)]),  # the point falls on the line below
            shapely.Polygon([(0, 0), (90, 0.2), (90, 0.4), (0, 0.3)]),  # nothing is left
            shapely.Polygon([(0, 0), (3.6, 0), (3.7, 3.2)]),
        ]
    )
    rounded = mvt_encoder.rounded(shapes)
    assert shapely.is_valid(rounded).all()
    assert shapely.area(rounded).tolist() == [8, 0, 6]
    points = shapely.get_coordinates(rounded)
    assert (points == np.rint(points)).all()


def test_a_low_zoom_tile_in_memory_is_never_older_than_its_cells(lively: City) -> None:
    for zoom, x, y in [(8, 129, 88), (10, 518, 352)]:
        before = tiles.live_tile(zoom, x, y, view_of("nord")).data
        LowZoomCell.objects.filter(release=None).update(status=3, cells=zoom)
        after = tiles.live_tile(zoom, x, y, view_of("nord")).data
        assert after != before
        assert_equal(after, tiles.draw(zoom, x, y, lively.nord.path, None))


def test_a_fold_reads_only_the_shapes_of_the_territories_that_it_changed(
    lively: City, seen: Seen, django_assert_num_queries: Any
) -> None:
    tiles.live_tile(12, 2074, 1409, view_of("ville"))
    kept = known_shapes()
    zone = Zone.objects.live().filter(territory=lively.nord).first()
    assert zone is not None
    Zone.objects.filter(pk=zone.pk).update(status=zone.status % 6 + 1)
    tiles.live_tile(12, 2074, 1409, view_of("ville"))
    after = known_shapes()
    assert {number for number in kept if after[number] is not kept[number]} == {lively.nord.pk}
    view = view_of("ville")
    with django_assert_num_queries(0):
        tiles.live_tile(12, 2074, 1409, view)
        tiles.live_tile(13, 4148, 2818, view)


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A list that gets the number of outlines of zones, or of low-zoom cells, that are encoded together from now on."""
    live_drawing._kept.clear()
    found: list[int] = []
    drawn, features = outlines.drawn, mvt_encoder.features

    def of_zones(address: outlines.Address, some: Sequence[outlines.Outline]) -> dict[int, bytes]:
        found.append(len(some))
        return drawn(address, some)

    def of_cells(shapes: Polygons, limits: Any, widths: Sequence[int]) -> mvt_encoder.Features:
        if widths:
            found.append(len(shapes.rings))
        return features(shapes, limits, widths)

    monkeypatch.setattr(outlines, "drawn", of_zones)
    monkeypatch.setattr(mvt_encoder, "features", of_cells)
    return found


def test_only_the_zones_of_a_changed_territory_are_encoded_again(lively: City, encoded: list[int]) -> None:
    address = (11, 1037, 704)
    first = content(tiles.live_tile(*address, view_of("ville")).data)["zones"]
    assert {properties["territory"] for properties, _shape in first.values()} == {"nord", "sud"}
    assert len(encoded) == 2
    zone = Zone.objects.live().filter(territory=lively.nord).first()
    assert zone is not None
    Zone.objects.filter(pk=zone.pk).update(status=zone.status % 6 + 1)
    after = tiles.live_tile(*address, view_of("ville")).data
    assert len(encoded) == 2
    assert content(after)["zones"][str(zone.key)][0]["status"] == zone.status % 6 + 1
    assert_equal(after, tiles.draw(*address, lively.root.path, None))
    assert_equal(tiles.live_tile(*address, view_of("nord")).data, tiles.draw(*address, lively.nord.path, None))
    assert len(encoded) == 2


def test_of_a_changed_territory_only_new_outlines_are_taken_apart_and_encoded(
    lively: City, encoded: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    taken_apart = outlines.read

    def watched(texts: Sequence[str]) -> dict[str, outlines.Outline]:
        read.append(len(texts))
        return taken_apart(texts)

    monkeypatch.setattr(outlines, "read", watched)
    address, zones = (11, 1037, 704), Zone.objects.live().filter(territory=lively.nord)
    tiles.live_tile(*address, view_of("ville"))
    first, second = zones.order_by("key")[:2]
    for change, new in [
        ("UPDATE mapping_zone SET shape = ST_Translate(shape, 0.001, 0) WHERE id = %s", 1),
        ("UPDATE mapping_zone SET status = status %% 6 + 1 WHERE id = %s", 0),
        ("DELETE FROM mapping_zone WHERE id = %s", 0),
    ]:
        read.clear()
        encoded.clear()
        with connection.cursor() as cursor:
            cursor.execute(change, [first.pk])
        ours = tiles.live_tile(*address, view_of("ville")).data
        assert read == encoded == [new] * bool(new)
        assert_equal(ours, tiles.draw(*address, lively.root.path, None))
    zones.filter(pk=second.pk).update(shape=first.shape)  # gone since, so nothing of it is kept
    assert_equal(tiles.live_tile(*address, view_of("ville")).data, tiles.draw(*address, lively.root.path, None))


def test_few_outlines_are_drawn_one_by_one_as_many_are_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """In tiles that contain them, cross them, touch only their box or lie elsewhere; rings, holes, parts and long steps."""
    ring = shapely.Point(2.35, 48.86).buffer(0.02).difference(shapely.Point(2.35, 48.86).buffer(0.008))
    cells = [shapely.Polygon(cell_geometry.outline(cell)) for cell in h3.grid_disk(grid.cell_of(48.855, 2.345), 6)]
    shapes = [
        shapely.MultiPolygon([ring, shapely.box(2.348, 48.858, 2.352, 48.862)]), shapely.box(-60, -40, 60, 70),
        shapely.union_all(cells[::2]), shapely.union_all(cells), shapely.Polygon([(2.3, 48.8), (2.4, 48.8), (2.4, 48.9)]),
    ]  # fmt: skip
    stored = [shapely.reverse(shape) if turned else shape for turned in (0, 1) for shape in shapes]
    texts = [shapely.to_wkb(shape, hex=True, byte_order=number % 2) for number, shape in enumerate(stored)]
    some = list(outlines.read([*texts, shapely.to_wkb(shapely.Polygon(), hex=True)]).values())
    whole = outlines.projected(np.array(stored))  # taken apart by shapely
    assert [len(each.lengths) for each in some] == whole.rings.tolist()
    assert [length for each in some for length in each.lengths] == whole.lengths.tolist()
    assert [begins for each in some for begins in each.outer] == whole.outer.tolist()
    assert b"".join([each.points for each in some]) == whole.points.tobytes()
    low, high = (limit.tolist() for limit in whole.limits())
    assert [list(each.box) for each in some] == [[*least, *most] for least, most in zip(low, high, strict=True)]
    seen = set()
    for address in [
        (7, 64, 44),
        (11, 1037, 704),
        *((15, 16597 + x, 11270 + y) for x in range(-3, 4) for y in range(5)),
    ]:
        monkeypatch.setattr(outlines, "_FEW_POINTS", 10_000)
        alone = outlines.drawn(address, some)
        monkeypatch.setattr(outlines, "_FEW_POINTS", 0)
        assert alone == outlines.drawn(address, some)
        seen |= {(number, bool(geometry)) for number, geometry in alone.items()}
    assert len(seen) == 2 * len(some) - 2  # only one of them, drawn in both directions, is everywhere


def test_zones_with_one_outline_are_both_drawn(lively: City) -> None:
    one, other = Zone.objects.live().filter(territory=lively.nord).order_by("key")[:2]
    Zone.objects.filter(pk=other.pk).update(shape=one.shape)
    for slug in ("ville", "nord"):
        found = content(tiles.live_tile(11, 1037, 704, view_of(slug)).data)["zones"]
        assert {str(one.key), str(other.key)} <= found.keys()


def test_a_tile_has_the_same_bytes_whatever_this_process_drew_before(
    lively: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = (11, 1037, 704)
    tiles.live_tile(*address, view_of("nord"))
    zone = Zone.objects.live().filter(territory=lively.nord).order_by("key")[0]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE mapping_zone SET shape = ST_Translate(shape, 0.001, 0) WHERE id = %s", [zone.pk])
    after = tiles.live_tile(*address, view_of("ville")).data
    live_drawing._kept.clear()
    monkeypatch.setattr(live_shapes, "_known", {kind: live_shapes._Known() for kind in live_shapes.FIELDS})
    tiles._drawn.clear()
    assert tiles.live_tile(*address, view_of("ville")).data == after


def test_a_new_status_of_low_zoom_cells_encodes_no_outline_again_and_another_cell_does(
    lively: City, encoded: list[int]
) -> None:
    address = (10, 518, 352)
    tiles.live_tile(*address, view_of("nord"))
    assert len(encoded) == 1
    LowZoomCell.objects.filter(release=None).update(status=3, cells=7)
    assert_equal(tiles.live_tile(*address, view_of("nord")).data, tiles.draw(*address, lively.nord.path, None))
    assert len(encoded) == 1
    parents = Cell.objects.filter(territory=lively.nord).values_list("parent8", flat=True)
    Cell.objects.filter(territory=lively.nord, parent8=parents[0]).update(territory=lively.sud)
    assert_equal(tiles.live_tile(*address, view_of("nord")).data, tiles.draw(*address, lively.nord.path, None))
    assert encoded[1] == encoded[0] - 1


def test_indexes_of_values_may_take_two_bytes() -> None:
    boxes = np.array([shapely.MultiPolygon([shapely.box(9 * n, 0, 9 * n + 6, 6)]) for n in range(400)])
    shapes = Polygons.of(shapely.orient_polygons(boxes, exterior_cw=False))
    features = mvt_encoder.features(shapes, shapes.limits(), (2, 1))
    values = [mvt_encoder.int_value(number) for number in range(400)]
    for shift in (0, 7):
        indexes = [(np.arange(400) + shift) % 400, np.arange(400) % 100]
        layer = mvt_encoder.layer("zones", ("one", "other"), values, [features.with_values(indexes)])
        read = mapbox_vector_tile.decode(layer)["zones"]["features"]
        said = [(each["properties"]["one"], each["properties"]["other"]) for each in read]
        assert said == [((n + shift) % 400, n % 100) for n in range(400)]


def test_a_release_leaves_the_live_version_alone(lively: City) -> None:
    before = view_of("ville").key
    release_filter.publish_all()
    assert view_of("ville").key == before
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM mapping_zone WHERE release_id IS NOT NULL")
        assert cursor.fetchone()[0] > 0


def test_a_view_follows_the_tree_of_territories_at_once(lively: City, django_assert_num_queries: Any) -> None:
    address = (12, 2074, 1409)
    first = view_of("ville")
    with django_assert_num_queries(1):
        assert view_of("ville").key == first.key
    tiles.live_tile(*address, first)
    lively.nord.slug = "renamed"
    lively.nord.save()
    renamed = view_of("ville")
    assert renamed.key != first.key and set(renamed.branch.slugs.values()) == {"ville", "renamed", "sud"}
    named = {
        properties["territory"]
        for properties, _shape in content(tiles.live_tile(*address, renamed).data)["zones"].values()
    }
    assert "renamed" in named and "nord" not in named
    assert map_versions.of_view("nord") is None
    added = Territory.objects.create(name="New", slug="new", parent=lively.root, polygon=lively.nord.polygon)
    assert "new" in view_of("ville").branch.slugs.values()
    added.delete()
    assert "new" not in view_of("ville").branch.slugs.values() and map_versions.of_view("new") is None


def test_low_zoom_cells_that_territories_share_leave_the_zones_of_both_alone(lively: City) -> None:
    first = view_of("ville")
    tiles.live_tile(12, 2074, 1409, first)
    kept = known_shapes()
    LowZoomCell.objects.filter(release=None).update(status=3)
    after = view_of("ville")
    assert after.key != first.key and (after.zones == first.zones).all() and (after.low_zoom != first.low_zoom).any()
    tiles.live_tile(12, 2074, 1409, after)
    assert all(known_shapes()[number] is shapes for number, shapes in kept.items())
