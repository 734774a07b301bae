"""Overrides: required fields, effects, expiry and readers."""

import io
import json
import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone, translation

from mapping import tasks
from mapping.coverage.folding import fold, rebuild, reconciliation, territory_cells
from mapping.enums import ExportFormat, Status
from mapping.map.overrides import override_filing, override_presenter
from mapping.map.overrides.override_filing import OverrideDraft
from mapping.map.releases import release_filter
from mapping.map.wording import rounding
from mapping.models import CellState, CellTouch, CoverageSettings, Evidence, Override, Release, Zone
from mapping.out.event_log import log_export
from mapping.out.exports.report_files import write_file
from mapping.out.report_figures.report_period import Period
from mapping.out.zone_reports import report_presenter
from mapping.out.zone_reports.compose import make_report
from needs.models import Retraction
from solidarity.lib import grid
from tests.support import Cast, City, Seen, SignedIn
from volunteers.enums import Audience, Duty, Level
from volunteers.models import Assignment, Territory, User
from volunteers.people.accounts.viewer import Viewer

NOW = timezone.now()
CELL = grid.from_text("891fb466257ffff")


def draft(**changes: Any) -> OverrideDraft:
    values: dict[str, Any] = {
        "cells": [CELL], "persons": 4, "hours": 0.5, "status": Status.UNDER_COVERED, "reason": "a camp behind the station",
        **changes,
    }  # fmt: skip
    return OverrideDraft(**values)


def planned(one: OverrideDraft, shown: Status = Status.NOT_SEARCHED) -> list[dict[str, Any]]:
    return override_filing.plan(one, shown=shown, computed=dict.fromkeys(one.cells, int(shown)), now=NOW)


def problem(one: OverrideDraft, shown: Status = Status.NOT_SEARCHED) -> set[str]:
    with pytest.raises(ValidationError) as caught:
        planned(one, shown)
    return set(caught.value.message_dict)


# --- the plan ------------------------------------------------------------------------------------------------------


def test_persons_and_hours_are_shared_out_evenly_over_the_cells() -> None:
    cells = [CELL, *grid.neighbours(CELL)[:2]]
    rows = planned(draft(cells=cells, persons=4, hours=1.5))
    assert [row["cell"] for row in rows] == cells
    assert sum(row["persons"] for row in rows) == pytest.approx(4)
    assert {row["hours"] for row in rows} == {0.5}
    assert len({row["contest"] for row in rows}) == 1
    assert len({row["id"] for row in rows}) == 3
    assert {row["model_status"] for row in rows} == {Status.NOT_SEARCHED}


def test_an_override_is_shown_for_a_week_by_default() -> None:
    assert planned(draft())[0]["expires_at"] == NOW + timedelta(days=7)
    assert planned(draft(days=1))[0]["expires_at"] == NOW + timedelta(days=1)


def test_eight_to_fourteen_days_need_a_second_reason_and_nothing_is_longer() -> None:
    assert problem(draft(days=8)) == {"extended_reason"}
    assert problem(draft(days=14, extended_reason="  ")) == {"extended_reason"}
    assert planned(draft(days=14, extended_reason="works until the 9th"))[0]["expires_at"] == NOW + timedelta(days=14)
    assert problem(draft(days=15, extended_reason="longer")) == {"days"}
    assert problem(draft(days=0)) == {"days"}


def test_covered_needs_hours() -> None:
    for hours in (None, 0.0):
        assert problem(draft(status=Status.COVERED, hours=hours)) == {"hours"}
    assert planned(draft(status=Status.COVERED, hours=0.25))
    assert planned(draft(status=Status.UNDER_COVERED, hours=None))


def test_who_met_nobody_says_how_long_they_looked() -> None:
    assert problem(draft(persons=0, hours=None)) == {"hours"}
    assert planned(draft(persons=0, hours=0.5))


def test_a_claim_says_something_else_than_the_map() -> None:
    assert problem(draft(), shown=Status.UNDER_COVERED) == {"status"}
    assert problem(draft(status=Status.NOT_SEARCHED)) == {"status"}


def test_a_reason_and_one_to_twelve_cells_are_required() -> None:
    assert problem(draft(reason=" ")) == {"reason"}
    assert problem(draft(cells=[])) == {"cells"}
    assert problem(draft(cells=[CELL, CELL])) == {"cells"}
    many = sorted({other for near in grid.neighbours(CELL) for other in grid.neighbours(near)})
    assert problem(draft(cells=many[:13])) == {"cells"}
    assert len(planned(draft(cells=many[:12]))) == 12


def test_a_visit_more_than_three_days_ago_cannot_override_a_status() -> None:
    assert problem(draft(looked_at=NOW - timedelta(days=4))) == {"at"}
    assert problem(draft(looked_at=NOW - timedelta(days=2), days=1)) == {"days"}
    row = planned(draft(looked_at=NOW - timedelta(days=2), days=7))[0]
    assert row["expires_at"] == NOW + timedelta(days=5)


# --- what it changes -----------------------------------------------------------------------------------------------


@pytest.fixture
def looked_at(cast: Cast, city: City, seen: Seen) -> City:
    """A city in which teams searched some cells two days ago, with published releases."""
    for step in range(5):
        seen(lat=48.8655 + step * 0.0012, lng=2.335 + step * 0.005, persons=step * 3, minutes=40, hours_ago=50)
    fold.fold_outbox()
    release_filter.publish_all()
    return city


def a_zone(of_release: Release | None = None, **conditions: Any) -> Zone:
    found = Zone.objects.filter(release=of_release, **conditions).select_related("territory", "model")
    zone = found.order_by("cells", "key").first()
    assert zone is not None
    return zone


def members_zone(**conditions: Any) -> Zone:
    return a_zone(Release.objects.get(audience="association"), **conditions)


def file(zone: Zone, cast: Cast, status: Status = Status.UNCOVERED, **changes: Any) -> uuid.UUID:
    one = draft(cells=override_filing.cells_of(zone)[:1], status=status, **changes)
    override_filing.file_override(one, shown=Status(zone.status), association=cast.maraude.pk, author=cast.bob.pk)
    return one.id


def sums(cell: int) -> tuple[float, ...]:
    """Return a cell's decayed sums on a fixed day, after everything is folded."""
    state = CellState.objects.get(cell=cell)
    fade = 2 ** ((state.day - 2500) / 10)
    return tuple(getattr(state, name) * fade for name in ("a", "x", "xt"))


def test_an_override_is_evidence_of_one_sweep_and_decides_the_status_shown(looked_at: City, cast: Cast) -> None:
    zone = a_zone(status=Status.NOT_SEARCHED)
    [cell, *_rest] = override_filing.cells_of(zone)
    file(zone, cast)
    assert CellTouch.objects.filter(kind=6).count() == 1
    fold.fold_outbox()
    state = CellState.objects.get(cell=cell)
    assert (state.status, state.overridden) == (Status.UNCOVERED, True)
    assert state.computed != Status.NOT_SEARCHED  # the cell was searched, so the model has evidence
    evidence = Evidence.objects.get(kind=6)
    assert (evidence.persons, evidence.cell) == (4.0, cell)
    assert state.xt == pytest.approx(1.0, abs=0.01)
    assert state.zone is not None
    shown = Zone.objects.live().get(key=state.zone)
    override = Override.objects.get()
    assert (shown.status, shown.overridden, shown.overridden_until) == (Status.UNCOVERED, True, override.expires_at)
    assert shown.computed == state.computed


def test_an_override_and_its_touch_are_stored_together_or_not_at_all(looked_at: City, cast: Cast) -> None:
    from needs.signals import evidence_changed

    def fail(**_more: Any) -> None:
        raise RuntimeError("the outbox is broken")

    evidence_changed.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            file(a_zone(status=Status.NOT_SEARCHED), cast)
    finally:
        evidence_changed.disconnect(fail)
    assert not Override.objects.exists()
    assert not CellTouch.objects.exists()


def test_a_repeated_form_is_stored_once_and_other_content_under_its_id_is_refused(looked_at: City, cast: Cast) -> None:
    zone = a_zone(status=Status.NOT_SEARCHED)
    one = draft(cells=override_filing.cells_of(zone)[:1])
    arguments: Any = {
        "shown": Status(zone.status), "association": cast.maraude.pk, "author": cast.bob.pk
    }  # fmt: skip
    assert override_filing.file_override(one, **arguments)
    assert not override_filing.file_override(one, **arguments)
    other = draft(cells=one.cells, persons=9, id=one.id)
    with pytest.raises(override_filing.Conflict):
        override_filing.file_override(other, **arguments)
    assert Override.objects.count() == CellTouch.objects.count() == 1


def test_after_it_expires_the_next_refresh_returns_to_the_model(looked_at: City, cast: Cast) -> None:
    zone = a_zone(status=Status.NOT_SEARCHED)
    [cell, *_rest] = override_filing.cells_of(zone)
    file(zone, cast)
    fold.fold_outbox()
    later = Override.objects.get().expires_at
    rebuild.recompute_all(later - timedelta(minutes=1))
    assert CellState.objects.get(cell=cell).overridden
    rebuild.recompute_all(later)
    state = CellState.objects.get(cell=cell)
    assert not state.overridden
    assert state.status == state.computed
    assert not Zone.objects.live().filter(overridden=True).exists()
    assert not Zone.objects.live().exclude(overridden_until=None).exists()


def test_the_refresh_task_ends_an_expired_override(looked_at: City, cast: Cast) -> None:
    file(a_zone(status=Status.NOT_SEARCHED), cast)
    tasks.sweep()
    assert CellState.objects.filter(overridden=True).count() == 1
    Override.objects.update(expires_at=timezone.now())
    tasks.refresh()
    assert not CellState.objects.filter(overridden=True).exists()


def test_a_report_nearby_ends_an_expired_override(looked_at: City, cast: Cast, seen: Seen) -> None:
    zone = a_zone(status=Status.NOT_SEARCHED)
    [cell, *_rest] = override_filing.cells_of(zone)
    file(zone, cast)
    fold.fold_outbox()
    Override.objects.update(expires_at=timezone.now())
    seen(*grid.centre(cell), persons=1, hours_ago=0.1)
    fold.fold_outbox()
    assert not CellState.objects.get(cell=cell).overridden


def test_taking_it_back_subtracts_it_exactly(looked_at: City, cast: Cast) -> None:
    zone = a_zone(status=Status.NOT_SEARCHED)
    [cell, *_rest] = override_filing.cells_of(zone)
    before = sums(cell)
    contest = file(zone, cast, persons=7)
    fold.fold_outbox()
    assert sums(cell) != pytest.approx(before, rel=1e-6)
    assert override_filing.withdraw(contest, author=cast.bob.pk)
    assert not override_filing.withdraw(contest, author=cast.bob.pk)
    fold.fold_outbox()
    assert sums(cell) == pytest.approx(before, abs=1e-9)
    assert not CellState.objects.get(cell=cell).overridden
    assert not Evidence.objects.filter(kind=6).exists()
    assert reconciliation.reconcile().difference == pytest.approx(0, abs=1e-9)
    assert Retraction.objects.filter(kind=6).count() == 1


def test_an_undone_withdrawal_leaves_the_same_evidence_and_no_trace(
    looked_at: City, cast: Cast, signed_in: SignedIn
) -> None:
    """Only the person who withdrew the override can undo that, with the token of the page."""
    contest = file(a_zone(status=Status.NOT_SEARCHED), cast, persons=7)
    fold.fold_outbox()
    before = list(Evidence.objects.filter(kind=6).values_list("report", "cell", "day", "persons", "hours"))
    carol, bob = signed_in(cast.carol), signed_in(cast.bob)
    page = carol.post(reverse("mapping:override_withdraw", args=["ville", contest]), follow=True).content.decode()
    [token] = re.findall(r'name="undo"\s+value="([^"]+)"', page)
    fold.fold_outbox()
    back = reverse("mapping:override_restore", args=["ville", contest])
    for client, tried in ((bob, token), (carol, ""), (carol, token + "x")):
        client.post(back, {"undo": tried})
        assert Retraction.objects.filter(kind=6).exists()
    carol.post(back, {"undo": token})
    fold.fold_outbox()
    assert list(Evidence.objects.filter(kind=6).values_list("report", "cell", "day", "persons", "hours")) == before
    assert not Retraction.objects.exists()
    assert CellState.objects.filter(overridden=True).exists()


def test_it_is_extended_once_with_a_new_reason_to_fourteen_days_in_all(looked_at: City, cast: Cast) -> None:
    contest = file(a_zone(status=Status.NOT_SEARCHED), cast)
    fold.fold_outbox()
    at = Override.objects.get().at
    for days, reason, wrong in ((8, "works", "days"), (0, "works", "days"), (7, " ", "reason")):
        with pytest.raises(ValidationError) as caught:
            override_filing.extend(contest, days=days, reason=reason)
        assert set(caught.value.message_dict) == {wrong}
    assert override_filing.extend(contest, days=7, reason="the works go on") == at + timedelta(days=14)
    fold.fold_outbox()
    assert Zone.objects.live().get(overridden=True).overridden_until == at + timedelta(days=14)
    with pytest.raises(ValidationError):
        override_filing.extend(contest, days=1, reason="once more")
    Override.objects.update(expires_at=timezone.now())
    with pytest.raises(Override.DoesNotExist):
        override_filing.extend(contest, days=1, reason="after the end")


def test_a_status_in_a_sparse_territory_is_overridden_by_larger_cells(cast: Cast, city: City) -> None:
    city.nord.coverage.adaptive, city.nord.coverage.resolution, city.nord.expected_persons = False, 8, 2
    city.nord.save()
    city.nord.coverage.save()
    territory_cells.assign_cells(city.root)
    rebuild.recompute_all()
    zone = a_zone(territory=city.nord)
    if zone.territory.coverage.resolution != 8:
        territory_cells.save_territory(
            "Nord", city.nord.polygon, Level(city.nord.level), parent=city.root, expected_persons=2
        )
        rebuild.recompute_all()
        zone = a_zone(territory=city.nord)
    assert zone.territory.coverage.resolution == 8
    [cell, *_rest] = override_filing.cells_of(zone)
    file(zone, cast)
    fold.fold_outbox()
    assert CellState.objects.get(cell=cell).overridden
    assert Evidence.objects.get(kind=6).cell == cell


def test_an_override_beside_a_sparse_territory_is_shown_when_both_get_reports(
    cast: Cast, city: City, seen: Seen
) -> None:
    """The larger cells around the sparse territory's have the same children as the cells beside it."""
    territory_cells.save_territory(
        "Nord", city.nord.polygon, Level(city.nord.level), parent=city.root, expected_persons=2
    )
    CoverageSettings.objects.filter(territory=city.nord).update(adaptive=False, resolution=8)
    territory_cells.assign_cells(city.root)
    rebuild.recompute_all()
    large = CellState.objects.filter(territory=city.nord.pk).values_list("cell", flat=True)
    small = set(CellState.objects.filter(territory=city.sud.pk).values_list("cell", flat=True))
    sparse, beside = next(
        (cell, child)
        for cell in large
        for near in grid.neighbours(cell)
        if near not in large
        for child in small.intersection(grid.children(near, 9))
    )
    contest = draft(cells=[beside])
    override_filing.file_override(contest, shown=Status.NOT_SEARCHED, association=cast.maraude.pk, author=None)
    seen(*grid.centre(sparse), persons=2, minutes=30)
    fold.fold_outbox()
    assert CellState.objects.get(cell=sparse).a > 0
    overridden = CellState.objects.filter(overridden=True).values_list("cell", flat=True)
    assert list(overridden.all()) == [beside]
    rebuild.recompute_all()
    assert list(overridden.all()) == [beside]


# --- pages ---------------------------------------------------------------------------------------------------------


def form(zone: Zone, **changes: Any) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()), "when": "now", "persons": "5", "hours": "0,5", "status": "uncovered", "days": "7",
        "reason": "a camp behind the station", "extended_reason": "",
        "cells": [grid.to_text(cell) for cell in override_filing.cells_of(zone)[:2]], **changes,
    }  # fmt: skip


def test_a_member_contests_a_zone_and_reads_both_statuses(looked_at: City, cast: Cast, signed_in: SignedIn) -> None:
    zone = members_zone(status=Status.NOT_SEARCHED)
    bob, diane = signed_in(cast.bob), signed_in(cast.diane)
    address = reverse("mapping:override", args=["ville", zone.key])
    assert bob.get(address).status_code == 200
    answer = bob.post(address, form(zone), follow=True)
    assert answer.status_code == 200
    assert "a camp behind the station" in answer.content.decode()
    cells = min(2, zone.cells)
    assert Override.objects.filter(contest=Override.objects.all()[0].contest).count() == cells
    assert sum(Override.objects.values_list("persons", flat=True)) == pytest.approx(5)
    fold.fold_outbox()
    live = a_zone(overridden=True)
    panel = diane.get(reverse("mapping:zone", args=["ville", live.key])).content.decode()
    said = override_presenter.both_statuses(rounding.figures_of(live))
    assert re.search(r"Until .*, the map shows a team’s status: “uncovered”. The model says “", said)
    listed = diane.get(reverse("mapping:dashboard", args=["ville"]) + "?page=1").content.decode()
    history = diane.get(reverse("mapping:override_history", args=["ville", live.key])).content.decode()
    for page in (panel, listed, history):
        assert said in page.replace("&nbsp;", "\u00a0")
    for page in (panel, history):
        assert "Maraude du Nord" in page
        assert "Bob" not in page
        assert "bob@example.org" not in page


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"days": "9"}, "extended_reason"), ({"status": "covered", "hours": ""}, "hours"), ({"reason": ""}, "reason"),
        ({"status": "not_searched"}, "status"), ({"persons": "0", "hours": ""}, "hours"), ({"days": "15"}, "days"),
        ({"cells": ["891fb466257ffff0"]}, "cells"), ({"cells": []}, "cells"),
    ],
)  # fmt: skip
def test_a_form_that_breaks_a_rule_is_refused_with_what_was_typed(
    changes: dict[str, Any], field: str, looked_at: City, cast: Cast, signed_in: SignedIn
) -> None:
    zone = members_zone(status=Status.NOT_SEARCHED, cells__gt=1)
    answer = signed_in(cast.bob).post(reverse("mapping:override", args=["ville", zone.key]), form(zone, **changes))
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Override.objects.exists()


def test_volunteers_and_strangers_cannot_contest(looked_at: City, cast: Cast, signed_in: SignedIn) -> None:
    zone = a_zone(Release.objects.get(audience="volunteer"), territory=looked_at.nord)
    for who in (cast.alice, cast.greta):
        client = signed_in(who)
        for route in ("override", "override_history", "zone_cells", "notes", "note_add"):
            address = reverse(f"mapping:{route}", args=["nord", zone.key])
            assert client.get(address).status_code in (404, 405)
            assert client.post(address, form(zone)).status_code in (404, 405)
        assert client.get(reverse("mapping:overrides", args=["nord"])).status_code == 404
    page = signed_in(cast.alice).get(reverse("mapping:zone", args=["nord", zone.key])).content.decode()
    assert "/contest/" not in page
    assert "/notes/" not in page
    assert not Override.objects.exists()


def coordinator(name: str, territory: Territory) -> User:
    made = User.objects.create_user(f"{name}@example.org", "-", display_name=name.title())
    Assignment.objects.create(user=made, territory=territory, duty=Duty.COORDINATOR, purpose="-")
    return made


def test_a_coordinator_contests_a_status_in_their_territories(looked_at: City, cast: Cast, signed_in: SignedIn) -> None:
    zone = a_zone(status=Status.NOT_SEARCHED, territory=looked_at.nord)
    [cell, *_rest] = override_filing.cells_of(zone)
    nora, paul = signed_in(coordinator("nora", looked_at.nord)), signed_in(coordinator("paul", looked_at.sud))
    address = reverse("mapping:override", args=["nord", zone.key])
    assert address in nora.get(reverse("mapping:zone", args=["nord", zone.key])).content.decode()
    assert "For which association?" not in nora.get(address).content.decode()
    assert nora.post(address, form(zone)).status_code == 302
    one = Override.objects.get()
    assert (one.association, one.author and one.author.display_name) == (None, "Nora")
    fold.fold_outbox()
    assert CellState.objects.get(cell=cell).overridden
    assert Evidence.objects.get(kind=6).origin == 0
    history = reverse("mapping:override_history", args=["nord", zone.key])
    shown = re.findall(r"<article.*?</article>", nora.get(history).content.decode(), re.DOTALL)
    assert len(shown) == 1 and "Coordination of the territory" in shown[0] and "Nora" not in shown[0]
    # Members read it as that of any team, and do not change it; nor does the coordinator of another territory.
    more, back = (reverse(f"mapping:override_{verb}", args=["nord", one.contest]) for verb in ("extend", "withdraw"))
    for client in (paul, signed_in(cast.carol), signed_in(cast.alice)):
        assert client.get(more).status_code == 404
        assert client.post(back).status_code == 404
    assert paul.post(address, form(zone)).status_code == 404
    assert paul.post(reverse("mapping:override_withdraw", args=["sud", one.contest])).status_code == 404
    assert nora.post(more, {"days": "2", "reason": "works"}).status_code == 302
    assert nora.post(back).status_code == 302
    assert Override.objects.get().retracted_at is not None


def test_a_coordinator_contests_nothing_while_viewing_as_somebody_else(looked_at: City, cast: Cast) -> None:
    for audience in Audience:
        assert not override_presenter.may_contest(Viewer(cast.diane, view_as=audience), looked_at.nord)
    assert override_presenter.may_contest(Viewer(cast.diane), looked_at.nord)


def test_a_zone_that_is_not_there_answers_like_one_out_of_reach(
    looked_at: City, cast: Cast, signed_in: SignedIn
) -> None:
    client = signed_in(cast.bob)
    for route in ("override", "override_history", "notes", "note_add"):
        assert client.get(reverse(f"mapping:{route}", args=["ville", uuid.uuid4()])).status_code == 404


def test_only_the_own_association_extends_and_takes_back(looked_at: City, cast: Cast, signed_in: SignedIn) -> None:
    contest = file(a_zone(status=Status.NOT_SEARCHED), cast)
    edith, carol, diane = signed_in(cast.edith), signed_in(cast.carol), signed_in(cast.diane)
    more, back = (
        reverse(f"mapping:override_{verb}", args=["ville", contest]) for verb in ("extend", "withdraw")
    )  # fmt: skip
    for client in (edith, diane):
        assert client.get(more).status_code == 404
        assert client.post(more, {"days": "2", "reason": "works"}).status_code == 404
        assert client.post(back).status_code == 404
    assert carol.get(more).status_code == 200
    assert carol.post(more, {"days": "2", "reason": ""}).status_code == 422
    assert carol.post(more, {"days": "2", "reason": "works"}).status_code == 302
    assert Override.objects.get().extended_reason == "works"
    assert carol.get(back).status_code == 405
    assert carol.post(back).status_code == 302
    assert Override.objects.get().retracted_at is not None
    assert carol.get(more).status_code == 404


def test_members_read_the_models_status_at_an_override_with_the_next_release(
    looked_at: City, cast: Cast, signed_in: SignedIn
) -> None:
    zone = members_zone(cells=1, status__in=set(Status) - {Status.UNCOVERED})  # the override claims "uncovered"
    file(zone, cast)
    address = reverse("mapping:override_history", args=["ville", zone.key])
    bob, diane = signed_in(cast.bob), signed_in(cast.diane)
    assert "a camp behind" in bob.get(address).content.decode()
    assert "the model said" not in bob.get(address).content.decode()
    live = reverse("mapping:override_history", args=["ville", Zone.objects.live().get(key=zone.key).key])
    assert "the model said" in diane.get(live).content.decode()
    release_filter.publish_all()
    assert "the model said" in bob.get(address).content.decode()


def test_other_associations_read_it_from_the_next_release_on_and_people_in_steps_of_five(
    looked_at: City, cast: Cast, signed_in: SignedIn
) -> None:
    zone = members_zone(status=Status.NOT_SEARCHED)
    file(zone, cast, persons=13)
    address = reverse("mapping:override_history", args=["ville", zone.key])
    own = signed_in(cast.bob).get(address).content.decode()
    assert "13 people seen" in own
    assert "behind the station" not in signed_in(cast.edith).get(address).content.decode()
    fold.fold_outbox()
    release_filter.publish_all()
    overridden = members_zone(overridden=True)
    other = (
        signed_in(cast.edith).get(reverse("mapping:override_history", args=["ville", overridden.key])).content.decode()
    )
    assert "behind the station" in other
    assert "10 to 14 people seen" in other
    assert "13" not in re.sub(r"(?s:<time.*?</time>)|[\w-]{36}|\d+/\d+/\d+[^<]*", "", other.split("<main")[1])


def test_a_volunteers_pages_do_not_change_with_an_override_until_the_next_release(
    looked_at: City, cast: Cast, signed_in: SignedIn
) -> None:
    alice = signed_in(cast.alice)
    tile = reverse("mapping:tile", args=["nord", 14, 8298, 5635])
    before = alice.get(tile).content
    contest = file(a_zone(territory=looked_at.nord, status=Status.NOT_SEARCHED), cast)
    fold.fold_outbox()
    assert alice.get(tile).content == before
    release_filter.publish_all(timezone.now() + timedelta(hours=30))
    listed = reverse("mapping:zones", args=["nord"])
    shown = alice.get(listed).context["page"].object_list
    assert any("the map shows a team’s status" in row.both_statuses for row in shown)
    override_filing.withdraw(contest, author=cast.bob.pk)
    fold.fold_outbox()
    assert [row.both_statuses for row in alice.get(listed).context["page"].object_list] == [
        row.both_statuses for row in shown
    ]
    assert "behind the station" not in alice.get(listed).content.decode()


def test_a_tile_carries_both_statuses_and_nothing_else_of_the_override(
    looked_at: City, cast: Cast, signed_in: SignedIn
) -> None:
    file(a_zone(status=Status.NOT_SEARCHED), cast)
    fold.fold_outbox()
    body = b"".join(
        signed_in(cast.diane).get(reverse("mapping:tile", args=["ville", z, x, y])).content
        for z, x, y in [(12, 2074, 1409), (12, 2075, 1409)]
    )
    for name in (b"status", b"overridden", b"computed"):
        assert name in body
    for name in (b"overridden_until", b"reason", b"persons", b"association", b"station"):
        assert name not in body


def test_the_report_says_what_both_say_on_the_page_and_in_every_file(
    looked_at: City, cast: Cast, signed_in: SignedIn
) -> None:
    file(a_zone(status=Status.NOT_SEARCHED), cast)
    fold.fold_outbox()
    report = make_report(looked_at.root, Period.latest(), cast.diane)
    [row] = [zone for zone in report.payload["zones"] if zone["contested"]]
    stored = a_zone(overridden=True)
    assert row["key"] == str(stored.key)
    assert row["status"] == "uncovered"
    assert row["overridden_until"] == rounding.figures_of(stored).as_dict()["overridden_until"]
    with translation.override("en"):
        [shown] = [
            dict(one.cells)
            for one in report_presenter.present(report).zones.rows
            if dict(one.cells)["overridden_until"] != "–"
        ]
        assert shown["computed"] == str(Status(stored.computed).label)
        texts = {}
        for format in (ExportFormat.CSV, ExportFormat.GEOJSON):
            out = io.BytesIO()
            write_file(report, format, out)
            texts[format] = out.getvalue().decode()
    page = signed_in(cast.diane).get(reverse("mapping:report", args=[report.pk])).content.decode()
    assert shown["overridden_until"] in page
    assert "Team’s status shown until" in page
    assert row["overridden_until"] in texts[ExportFormat.CSV]
    [feature] = [
        f["properties"] for f in json.loads(texts[ExportFormat.GEOJSON])["features"] if f["properties"]["contested"]
    ]
    assert feature["computed_label"] == shown["computed"]


def test_coordinators_see_active_overrides_and_their_number(looked_at: City, cast: Cast, signed_in: SignedIn) -> None:
    diane = signed_in(cast.diane)
    first = file(a_zone(territory=looked_at.nord, status=Status.NOT_SEARCHED), cast)
    second = file(a_zone(territory=looked_at.sud, status=Status.NOT_SEARCHED), cast, days=2)
    fold.fold_outbox()
    open_ones = diane.get(reverse("mapping:overrides", args=["ville"])).context["open"]
    assert [one.override.contest for one in open_ones] == [second, first]  # sorted by expiry
    assert [one.place.split(",")[0] for one in open_ones] == ["Sud", "Nord"]
    counts = {
        slug: diane.get(reverse("mapping:dashboard", args=[slug])).context["changes"].contested
        for slug in ("ville", "nord", "sud")
    }
    assert counts == {"ville": 2, "nord": 1, "sud": 1}
    override_filing.withdraw(first, author=cast.bob.pk)
    assert diane.get(reverse("mapping:dashboard", args=["ville"])).context["changes"].contested == 1
    for who in (cast.bob, cast.edith):
        assert signed_in(who).get(reverse("mapping:overrides", args=["ville"])).status_code == 404


def test_the_history_keeps_what_expired_and_what_was_taken_back(
    looked_at: City, cast: Cast, signed_in: SignedIn
) -> None:
    zone = a_zone(status=Status.NOT_SEARCHED)
    first = file(zone, cast)
    override_filing.withdraw(first, author=cast.bob.pk)
    file(zone, cast, persons=2)
    Override.objects.filter(retracted_at=None).update(expires_at=timezone.now())
    file(zone, cast, persons=3)
    fold.fold_outbox()
    zone = a_zone(overridden=True)
    found = (
        signed_in(cast.diane).get(reverse("mapping:override_history", args=["ville", zone.key])).context["overrides"]
    )
    assert sorted(one.state for one in found) == ["active", "expired", "withdrawn"]


def test_the_cells_of_a_zone_come_as_hexagons_and_never_by_address(
    looked_at: City, cast: Cast, signed_in: SignedIn
) -> None:
    zone = members_zone(status=Status.NOT_SEARCHED, cells__gt=1)
    address = reverse("mapping:zone_cells", args=["ville", zone.key])
    box = {"south": 48.8, "west": 2.3, "north": 48.9, "east": 2.4}
    client = signed_in(cast.bob)
    assert client.get(address, {side: str(degrees) for side, degrees in box.items()}).status_code == 405
    found = client.post(address, box).json()["features"]
    assert {f["properties"]["cell"] for f in found} == {grid.to_text(cell) for cell in override_filing.cells_of(zone)}
    assert client.post(address, {"south": "x"}).status_code == 400


@pytest.mark.parametrize("by", ["association", "coordinator"])
def test_overrides_are_exported_and_imported_with_the_event_log(looked_at: City, cast: Cast, by: str) -> None:
    zone = a_zone(status=Status.NOT_SEARCHED, cells__gt=1)
    one = draft(cells=override_filing.cells_of(zone)[:2], persons=5, days=10, extended_reason="works until the 9th")
    association = cast.maraude.pk if by == "association" else None
    override_filing.file_override(one, shown=Status(zone.status), association=association, author=cast.bob.pk)
    fields = (
        "id", "association", "cell", "at", "persons", "hours", "status", "model_status", "reason", "extended_reason",
        "contest", "expires_at",
    )  # fmt: skip
    stored = list(Override.objects.order_by("pk").values(*fields))
    out = io.BytesIO()
    log_export.export(out)
    lines = [line for line in out.getvalue().splitlines() if b'"override"' in line]
    assert len(lines) == 2
    Override.objects.all().delete()
    from mapping.out.event_log import event_types, ledger_rows

    read = [event_types.read(line)[0] for line in lines]
    ledger_rows.insert(event_types.OVERRIDE, read, {"maraude-du-nord": cast.maraude.pk})
    assert list(Override.objects.order_by("pk").values(*fields)) == stored
    again = [
        event_types.checked(raw)[0] for raw in log_export.stored(event_types.OVERRIDE, [event.id for event in read])
    ]
    for old, new in zip(sorted(again, key=lambda e: e.id), sorted(read, key=lambda e: e.id), strict=True):
        assert event_types.difference(old, new) == []


def test_the_pages_hold_no_inline_script_or_style_and_no_other_host(
    looked_at: City, cast: Cast, signed_in: SignedIn
) -> None:
    zone = members_zone(status=Status.NOT_SEARCHED, cells__gt=1)
    contest = file(zone, cast)
    client = signed_in(cast.bob)
    for address in (
        reverse("mapping:override", args=["ville", zone.key]),
        reverse("mapping:override_history", args=["ville", zone.key]),
        reverse("mapping:override_extend", args=["ville", contest]),
        reverse("mapping:note_add", args=["ville", zone.key]),
        reverse("mapping:notes", args=["ville", zone.key]),
    ):
        html = client.get(address).content.decode()
        assert not re.search(r"<style|\sstyle=|\son\w+=", html)
        assert all("src=" in tag or 'type="application/json"' in tag for tag in re.findall(r"<script[^>]*>", html))
        assert not re.search(r'(src|href|action)="(https?:)?//', html)


def test_the_statuses_and_the_form_are_in_french(looked_at: City, cast: Cast, signed_in: SignedIn) -> None:
    zone = members_zone(status=Status.NOT_SEARCHED, cells__gt=1)
    client = signed_in(cast.bob)
    address = reverse("mapping:override", args=["ville", zone.key])
    page = client.get(address, headers={"Accept-Language": "fr"}).content.decode()
    assert "Quelles cellules avez-vous parcourues" in page
    wrong = client.post(address, form(zone, status="covered", hours=""), headers={"Accept-Language": "fr"})
    assert "indiquez combien d’heures vous avez cherché" in wrong.content.decode()
    file(a_zone(status=Status.NOT_SEARCHED), cast)
    fold.fold_outbox()
    with translation.override("fr"):
        said = override_presenter.both_statuses(rounding.figures_of(a_zone(overridden=True)))
    assert re.fullmatch(
        r"Jusqu’au .*, la carte affiche le statut d’une équipe : «\s.*\s»\. Le modèle dit «\s.*\s»\.",
        said.replace("\u202f:", " :"),
    )
