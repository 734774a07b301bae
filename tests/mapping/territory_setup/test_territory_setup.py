"""Territories by the web: what is stored, who may, exact evidence after a change, and attacks."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from mapping.coverage.folding import fold, rebuild, territory_cells
from mapping.map.pages import borders
from mapping.models import CellState, Evidence, Parameters, Zone
from mapping.plans.territory_setup import border_drafts, new_territories, territory_changes
from mapping.plans.territory_setup.new_territories import Choices, TerritoriesRefused
from mapping.plans.territory_setup.territory_changes import Values
from mapping.tasks import store_territories
from solidarity.lib.border_files import border_decoder, border_reader
from solidarity.lib.border_files.border_problems import BordersRefused
from tests.conftest import square
from tests.lib.border_files.border_cases import area, collection, ring
from tests.support import Cast, City, Seen, SignedIn
from volunteers.enums import Audience, Duty, Level
from volunteers.models import Assignment, Cell, Territory, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.audit.models import AuditEntry
from volunteers.places.territories.people_counts import PeopleCount

UPLOAD = "/map/territories/new/"
WEST, EAST = area("Ouest", ring(2.33, 48.90, 2.35, 48.92)), area("Est", ring(2.35, 48.90, 2.37, 48.92))


def features(*given: Any) -> list[border_reader.Feature]:
    return border_reader.features_of(border_decoder.answer(collection(*given)))


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def sent(client: Client, *given: Any, to: str = UPLOAD) -> Any:
    return client.post(to, {"file": SimpleUploadedFile("borders.geojson", collection(*given))})


def test_borders_larger_than_a_photo_are_read_and_those_of_more_than_20_mb_refused(
    cast: Cast, signed_in: SignedIn
) -> None:
    client = signed_in(cast.farid)
    for size, status in ((6_000_000, 302), (21_000_000, 422)):
        file = SimpleUploadedFile("borders.geojson", collection(WEST) + b" " * size)
        answer = client.post(UPLOAD, {"file": file})
        assert answer.status_code == status
    assert "20 MB" in answer.content.decode().partition("error-summary")[2]


def stored_by_worker(owner: User, address: str) -> None:
    """Do what a worker does with an upload that was asked to be stored."""
    store_territories(owner.pk, address.rstrip("/").split("/")[-1])


def box_of(territory: Territory) -> tuple[float, float, float, float]:
    return territory.polygon.extent


def part_of(territory: Territory, name: str, west: float = 0.1, east: float = 0.5, north: float = 0.9) -> Any:
    """A rectangle inside a territory, in fractions of its box."""
    x0, y0, x1, y1 = box_of(territory)
    return area(name, ring(x0 + (x1 - x0) * west, y0 + (y1 - y0) * 0.1, x0 + (x1 - x0) * east, y0 + (y1 - y0) * north))


def state_of_cells() -> dict[int, tuple[float, ...]]:
    names = ("territory", "a", "x", "xt", "ac", "citizen_rate", "mean", "chance", "help")
    return {row[0]: (*row[1:-1], *row[-1]) for row in CellState.objects.values_list("cell", *names)}


def assert_as_from_scratch() -> None:
    """The cell states equal those that a rebuild from the reports gives, and those computed from the ledger alone."""
    stored = state_of_cells()
    assert set(stored) == set(Cell.objects.values_list("cell", flat=True))
    assert {cell: row[0] for cell, row in stored.items()} == dict(Cell.objects.values_list("cell", "territory"))
    moment = timezone.now()
    found, _grounds = rebuild.compute(moment, ledger_only=True)
    exact = dict(zip(found.cell.tolist(), found.a.tolist(), strict=True))
    rebuild.recompute_all(moment, rebuild=True)
    again = state_of_cells()
    assert set(again) == set(stored) == set(exact)
    for cell, row in again.items():
        assert row == pytest.approx(stored[cell], rel=1e-6, abs=1e-9)
        assert row[1] == pytest.approx(exact[cell], rel=1e-6, abs=1e-9)


# --- entering ----------------------------------------------------------------------------------------------------------


def test_an_administrator_adds_a_city_with_its_districts(
    parameters: Parameters, city: City, cast: Cast, signed_in: SignedIn
) -> None:
    client = signed_in(cast.farid)
    answer = sent(client, WEST, EAST)
    assert answer.status_code == 302
    address = answer["Location"]
    preview = text_of(client.get(address))
    assert 'data-borders="' in preview
    assert "Without a count, the site shows no number of people" in preview and 'name="count_kind"' in preview
    said = {
        "name_property": "name", "level": "district", "parent": "", "root_name": "Nouvelle", "root_level": "city",
        "persons": "90", "count_source": "INSEE 2025", "resolution": "",
    }  # fmt: skip
    shown = client.post(address, said | {"preview": "1"})
    page = text_of(shown)
    assert shown.status_code == 200 and not Territory.objects.filter(name="Ouest").exists()
    plan = shown.context["plan"]
    assert f"{plan.cells} cells" in page and plan.resolution == 9 and "Store these territories" in page
    assert [each.persons for each in plan.territories] == [45.0, 45.0]
    seal = re.search(r'name="previewed" value="([^"]+)"', page)
    assert seal
    # A choice that differs from the one in the preview is previewed, not stored.
    other = client.post(address, said | {"level": "city", "previewed": seal[1], "save": "1"})
    assert other.status_code == 200 and not Territory.objects.filter(name="Ouest").exists()
    stored = client.post(address, said | {"previewed": seal[1], "save": "1"})
    assert (stored.status_code, stored["Location"]) == (302, f"{address}stored/")
    assert not Territory.objects.filter(name="Ouest").exists()  # a worker stores them
    stored_by_worker(cast.farid, address)
    assert client.get(f"{address}stored/")["Location"] == "/map/territories/"
    root = Territory.objects.get(name="Nouvelle")
    west = Territory.objects.get(name="Ouest")
    assert (root.expected_persons, root.count_source, root.zoned) == (90, "INSEE 2025", False)
    assert (west.parent, west.level, west.coverage.adaptive) == (root, "district", False)
    cells = Cell.objects.filter(territory__parent=root).count()
    assert cells == plan.cells > 20
    assert west.coverage.m0 == pytest.approx(90 / cells)
    entry = AuditEntry.objects.get(verb="territories_added")
    assert (entry.actor, entry.details) == (
        cast.farid.key,
        {"territories": 3, "resolution": 9, "cells_assigned": cells},
    )
    assert_as_from_scratch()


def test_the_cell_size_is_fixed_when_the_territory_is_added(city: City, cast: Cast) -> None:
    few = Choices("name", Level.DISTRICT, root_name="Vide", count=PeopleCount(2))
    made = new_territories.enter(features(WEST, EAST), few, cast.farid)
    assert {each.coverage.resolution for each in Territory.objects.filter(pk__in=[each.pk for each in made])} == {8}
    root = Territory.objects.get(name="Vide")
    values = Values(root.name, root.level, None, PeopleCount(5000.0))
    territory_changes.change(root, values, cast.farid)
    west = Territory.objects.get(name="Ouest")
    assert west.coverage.resolution == 8
    assert west.coverage.m0 > 10


def test_a_failing_second_feature_leaves_nothing(city: City, cast: Cast, signed_in: SignedIn) -> None:
    before = list(Territory.objects.values_list("pk", flat=True))
    answer = sent(signed_in(cast.farid), WEST, area("Est", [[2.35, 48.9], [2.36, 48.9]]))
    assert answer.status_code == 422 and "Feature 2 has a border that is not closed" in text_of(answer)
    with pytest.raises(BordersRefused):
        new_territories.enter(
            features(WEST, area("x" * 121, ring(2.35, 48.90, 2.37, 48.92))),
            Choices("name", Level.DISTRICT, root_name="Ville neuve"), cast.farid,
        )  # fmt: skip
    assert list(Territory.objects.values_list("pk", flat=True)) == before
    assert not AuditEntry.objects.filter(verb="territories_added").exists()


def test_a_failure_while_storing_leaves_nothing(city: City, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    before, cells = Territory.objects.count(), Cell.objects.count()
    monkeypatch.setattr(new_territories, "_PATH", 11)
    with pytest.raises(TerritoriesRefused, match="too many levels"):
        new_territories.enter(features(WEST, EAST), Choices("name", Level.DISTRICT, root_name="Neuve"), cast.farid)
    assert (Territory.objects.count(), Cell.objects.count()) == (before, cells)


@pytest.mark.parametrize(
    ("given", "choices", "line"),
    [
        ([WEST, EAST], {}, "Several areas need one territory above them"),
        ([WEST], {"parent": "nord"}, "“Ouest” is not inside Nord"),
        ([area("Ville", ring(2.33, 48.9, 2.35, 48.92))], {}, "“Ville” exists here already"),
        ([WEST, EAST], {"root_name": "Ville"}, "“Ville” exists here already"),
        ([area("Océan", ring(-40, 10, -20, 40))], {}, "Choose larger cells or fewer areas"),
    ],
)  # fmt: skip
def test_what_does_not_fit_gets_one_line(
    city: City, cast: Cast, given: list[Any], choices: dict[str, Any], line: str
) -> None:
    if "parent" in choices:
        choices = choices | {"parent": Territory.objects.get(slug=choices["parent"])}
    with pytest.raises(TerritoriesRefused, match=line) as refused:
        new_territories.plan(features(*given), Choices("name", Level.DISTRICT, **choices))
    assert len(refused.value.lines) == 1


def test_two_names_never_share_a_short_name(city: City, cast: Cast) -> None:
    names = [area(name, ring(2.33 + n / 100, 48.90, 2.335 + n / 100, 48.92)) for n, name in
             enumerate(("Saint Denis", "Saint-Denis", "日本", "中国", "Nord"))]  # fmt: skip
    made = new_territories.enter(features(*names), Choices("name", Level.DISTRICT, root_name="Neuve"), cast.farid)
    assert len({each.slug for each in made}) == 6 and all(each.slug for each in made)
    city.nord.refresh_from_db()
    assert city.nord.parent == city.root


# --- who may -----------------------------------------------------------------------------------------------------------


def test_a_coordinator_adds_parts_below_their_own_territory_only(city: City, cast: Cast, signed_in: SignedIn) -> None:
    Assignment.objects.filter(user=cast.diane).update(territory=city.nord)
    client = signed_in(cast.diane)
    answer = sent(client, part_of(city.nord, "Coin"))
    said = {"name_property": "name", "level": "neighbourhood", "root_level": "city", "resolution": "", "preview": "1"}
    # Their own territory is the only choice: neither the top nor another territory.
    for parent in ("", str(city.sud.pk), str(city.root.pk)):
        refused = client.post(answer["Location"], said | {"parent": parent})
        assert refused.status_code == 422 and refused.context["form"].errors["parent"]
    page = text_of(client.post(answer["Location"], said | {"parent": str(city.nord.pk)}))
    seal = re.search(r'name="previewed" value="([^"]+)"', page)
    assert seal
    done = client.post(answer["Location"], said | {"parent": str(city.nord.pk), "previewed": seal[1], "save": "1"})
    assert done.status_code == 302
    stored_by_worker(cast.diane, answer["Location"])
    made = Territory.objects.get(name="Coin")
    assert made.parent == city.nord and made.cells.exists()
    assert client.get("/map/t/coin/territory/").status_code == 200
    assert client.get("/map/t/nord/territory/").status_code == 404  # only administrators can change their own territory
    assert client.get("/map/t/sud/territory/").status_code == 404


def test_a_part_never_takes_cells_from_the_neighbour_of_its_parent(city: City, cast: Cast) -> None:
    x0, y0, x1, y1 = box_of(city.nord)
    south = set(Cell.objects.filter(territory=city.sud).values_list("cell", flat=True))
    reaching = area("Débord", ring(x0, y0 - (y1 - y0) * 0.005, x1, y1))
    new_territories.enter(features(reaching), Choices("name", Level.NEIGHBOURHOOD, parent=city.nord), cast.diane)
    assert set(Cell.objects.filter(territory=city.sud).values_list("cell", flat=True)) == south
    assert city.nord.polygon.buffer(1e-9).covers(Territory.objects.get(name="Débord").polygon)


def test_an_upload_is_readable_by_its_owner_only(city: City, cast: Cast, signed_in: SignedIn) -> None:
    own = sent(signed_in(cast.farid), WEST)["Location"]
    assert signed_in(cast.farid).get(own + "borders.json").json()["features"][0]["properties"]["name"] == "Ouest"
    other = signed_in(cast.diane)
    assert other.get(own + "borders.json").status_code == 410
    assert other.get(own)["Location"] == UPLOAD
    assert signed_in(cast.bob).get(own).status_code == 404
    assert border_drafts.find(cast.diane, uuid.UUID(own.split("/")[-2])) == []


def test_an_expired_upload_says_so(city: City, cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.farid)
    address = sent(client, WEST)["Location"]
    cache.clear()
    assert "one hour only" in text_of(client.get(address, follow=True))


def test_forged_requests_and_other_roles_change_nothing(city: City, cast: Cast, signed_in: SignedIn) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = signed_in(cast.farid).cookies
    assert sent(strict, WEST).status_code == 403
    assert strict.post("/map/t/nord/territory/", {"name": "Z"}).status_code == 403
    for person in (cast.alice, cast.bob, cast.carol, cast.edith, cast.greta):
        client = signed_in(person)
        assert sent(client, WEST).status_code == 404
        assert client.post("/map/t/nord/territory/", {"name": "Z"}).status_code == 404
        assert sent(client, WEST, to="/map/t/nord/border/").status_code == 404
    city.nord.refresh_from_db()
    assert city.nord.name == "Nord"


def test_in_view_as_mode_nobody_adds_territories(city: City, cast: Cast) -> None:
    viewing = Viewer(cast.farid, Audience.VOLUNTEER)
    assert not territory_changes.changeable(viewing).exists() and not territory_changes.parents_for(viewing).exists()


# --- changes -----------------------------------------------------------------------------------------------------------


def test_evidence_is_assigned_exactly_when_a_border_moves(city: City, cast: Cast, seen: Seen) -> None:
    x0, y0, x1, y1 = box_of(city.nord)
    south = box_of(city.sud)
    for step in range(12):
        seen(
            lat=south[1] + (y1 - south[1]) * (step + 0.5) / 12, lng=(x0 + x1) / 2, persons=step % 4, hours_ago=3 + step
        )
    outside = seen(lat=y1 + 0.004, lng=(x0 + x1) / 2, persons=7)
    assert outside
    fold.fold_outbox()
    total, reports = sum(row[1] for row in state_of_cells().values()), Evidence.objects.count()
    cut = y0 + (y1 - y0) / 3
    lost = {row.cell for row in Cell.objects.filter(territory=city.nord) if row.lat < cut}
    smaller = square(cut, x0, y1, x1)
    planned = territory_changes.plan_border(city.nord, smaller)
    assert planned.lost == len(lost) > 0 and planned.gained == 0
    territory_changes.replace_border(city.nord, smaller, cast.farid)
    assert not Cell.objects.filter(cell__in=lost).exists()
    assert_as_from_scratch()
    # Sud takes the strip that Nord lost: the same sums come back, under another territory.
    city.sud.refresh_from_db()
    territory_changes.replace_border(city.sud, square(south[1], south[0], cut, south[2]), cast.farid)
    assert set(Cell.objects.filter(cell__in=lost).values_list("territory__slug", flat=True)) == {"sud"}
    assert sum(row[1] for row in state_of_cells().values()) == pytest.approx(total, rel=1e-4)
    assert Evidence.objects.count() == reports
    assert_as_from_scratch()
    entries = AuditEntry.objects.filter(verb="territory_changed").order_by("seq")
    assert [entry.details["lost"] for entry in entries] == [len(lost), 0]


def test_a_report_outside_counts_as_soon_as_the_border_reaches_it(city: City, cast: Cast, seen: Seen) -> None:
    x0, y0, x1, y1 = box_of(city.nord)
    seen(lat=y1 + 0.004, lng=(x0 + x1) / 2, persons=7)
    fold.fold_outbox()
    assert max(row[1] for row in state_of_cells().values()) == 0
    south = box_of(city.sud)
    territory_changes.replace_border(city.root, square(south[1], x0, y1 + 0.01, x1), cast.farid)
    city.nord.refresh_from_db()
    territory_changes.replace_border(city.nord, square(y0, x0, y1 + 0.01, x1), cast.farid)
    assert max(row[1] for row in state_of_cells().values()) > 0
    assert_as_from_scratch()


def test_a_border_that_leaves_a_part_outside_or_leaves_its_parent_is_refused(city: City, cast: Cast) -> None:
    x0, y0, x1, y1 = box_of(city.nord)
    with pytest.raises(TerritoriesRefused, match="“Sud” is not inside Ville"):
        territory_changes.replace_border(city.root, square(y0, x0, y1, x1), cast.farid)
    with pytest.raises(TerritoriesRefused, match="“Nord” is not inside Ville"):
        territory_changes.replace_border(city.nord, square(y0, x0, y1 + 1, x1), cast.farid)
    city.nord.refresh_from_db()
    assert box_of(city.nord) == (x0, y0, x1, y1)


def test_a_moved_territory_takes_its_parts_along(city: City, cast: Cast) -> None:
    new_territories.enter(
        features(part_of(city.nord, "Coin")), Choices("name", Level.NEIGHBOURHOOD, parent=city.nord), cast.farid
    )
    corner = Territory.objects.get(name="Coin")
    territory_changes.change(city.nord, Values("Nord", "city", None, PeopleCount(12.0, counted_by="INSEE")), cast.farid)
    corner.refresh_from_db()
    assert (corner.path, Territory.objects.get(slug="nord").path) == ("nord/coin/", "nord/")
    assert corner.coverage.m0 == pytest.approx(12 / Cell.objects.filter(territory__path__startswith="nord/").count())
    assert_as_from_scratch()
    with pytest.raises(TerritoriesRefused, match="below itself"):
        moved = Territory.objects.get(slug="nord")
        territory_changes.change(moved, Values("Nord", "city", corner, PeopleCount()), cast.farid)
    assert {zone.territory_id for zone in Zone.objects.live()} <= set(Cell.objects.values_list("territory", flat=True))


def test_the_page_of_a_territory_takes_the_source_of_its_count(city: City, cast: Cast, signed_in: SignedIn) -> None:
    client, day = signed_in(cast.farid), timezone.localdate()
    said = {"name": "Nord", "level": "district", "parent": str(city.root.pk), "expected_persons": "31"}
    source = {
        "count_kind": "estimate", "counted_on": day.isoformat(), "count_source": "Équipes", "count_error": "40",
        "count_link": "https://example.org/nuit", "count_low": "20", "count_high": "50",
    }  # fmt: skip
    assert client.post("/map/t/nord/territory/", said | source).status_code == 302
    count = PeopleCount.of(Territory.objects.get(slug="nord"))
    assert count == PeopleCount(
        31, "estimate", day, "Équipes", "https://example.org/nuit", 0.4, 20, 50, count.entered_at
    )
    entered = count.entered_at
    form = client.get("/map/t/nord/territory/").context["form"]
    assert form["count_error"].value() == 40.0 and form["count_kind"].value() == "estimate"
    # Another name is no new count.
    assert client.post("/map/t/nord/territory/", said | source | {"name": "Nord-Est"}).status_code == 302
    assert Territory.objects.get(slug="nord").count_entered_at == entered
    for change, field in (
        ({"expected_persons": ""}, "expected_persons"),
        ({"counted_on": (day + timedelta(days=1)).isoformat()}, "counted_on"),
        ({"count_error": "12"}, "count_error"),
        ({"count_high": ""}, "count_high"),
        ({"count_low": "40"}, "count_low"),
        ({"count_link": "javascript:alert(1)"}, "count_link"),
        ({"count_kind": "guess"}, "count_kind"),
    ):
        answer = client.post("/map/t/nord/territory/", said | source | change)
        assert answer.status_code == 422 and set(answer.context["form"].errors) == {field}
    assert Territory.objects.get(slug="nord").count_entered_at == entered


def test_the_pages_change_a_territory_and_its_border(city: City, cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.farid)
    page = text_of(client.get("/map/t/nord/territory/"))
    assert "Give or end duties" in page and "Small cells" in page
    said = {"name": "Nord-Est", "level": "district", "parent": str(city.root.pk), "expected_persons": "31"}
    assert client.post("/map/t/nord/territory/", said)["Location"] == "/map/territories/"
    city.nord.refresh_from_db()
    assert (city.nord.name, city.nord.expected_persons, city.nord.slug) == ("Nord-Est", 31, "nord")
    wrong = client.post("/map/t/nord/territory/", said | {"expected_persons": "-1", "name": ""})
    assert wrong.status_code == 422 and set(wrong.context["form"].errors) == {"name", "expected_persons"}
    answer = sent(
        client, part_of(city.nord, "Autre", 0, 0.4), part_of(city.nord, "nord-est", 0, 1), to="/map/t/nord/border/"
    )
    shown = client.get(answer["Location"])
    assert shown.context["number"] == 2 and "come in" in text_of(shown)
    before = city.nord.polygon.area
    assert client.post(answer["Location"], {"feature": "2"}).status_code == 302
    city.nord.refresh_from_db()
    assert 0 < city.nord.polygon.area < before
    assert client.post(answer["Location"], {"feature": "9"}).status_code == 404


def test_the_map_draws_the_new_border_at_once(
    city: City, cast: Cast, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    before = borders.borders_of(city.root).etag
    x0, y0, x1, y1 = box_of(city.nord)
    with django_capture_on_commit_callbacks(execute=True):
        territory_changes.replace_border(city.nord, square(y0, x0, y1, (x0 + x1) / 2), cast.farid)
    assert borders.borders_of(city.root).etag != before


def test_a_broken_border_file_changes_nothing_and_is_explained(city: City, cast: Cast, signed_in: SignedIn) -> None:
    answer = sent(signed_in(cast.farid), area("x", ring(259000, 6250000, 261000, 6252000)), to="/map/t/nord/border/")
    assert answer.status_code == 422 and "not degrees of longitude and latitude" in text_of(answer)


def test_the_outline_of_many_has_no_gap(city: City) -> None:
    whole = territory_cells.outline_of([city.nord.polygon, city.sud.polygon])
    assert isinstance(whole, MultiPolygon) and whole.num_geom == 1
    assert GEOSGeometry(whole.wkb).equals(city.root.polygon)


def test_the_person_in_charge_is_named_on_the_page(city: City, cast: Cast, signed_in: SignedIn) -> None:
    Assignment.objects.create(user=cast.diane, territory=city.nord, duty=Duty.COORDINATOR, purpose="x", shown=True)
    page = text_of(signed_in(cast.farid).get("/map/t/nord/territory/"))
    assert "Diane" in page and "shown as the person in charge" in page
