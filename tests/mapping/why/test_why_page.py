"""The why page: all sections for coordinators, fewer for others, and the same figures after a recalculation."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.contrib.staticfiles import finders
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mapping.coverage.cells import coverage_model
from mapping.coverage.folding import fold, rebuild
from mapping.enums import STATUS_KEYS, Status
from mapping.map.releases import release_filter
from mapping.map.why import why_presenter
from mapping.map.why.counterfactuals import Act, acts, counterfactuals, statuses_after
from mapping.map.why.recalculation import recalculate_cell, recalculate_zone
from mapping.map.why.zone_evidence import counted_rows, effective_sources, evidence_of, hash_of, parts_of, silence_of
from mapping.models import CellState, CellTouch, CoverageSettings, Evidence, FieldNote, Override, Parameters, Zone
from needs.base.records.declarations import AidDraft, DraftPlace, EncounterDraft, PresenceDraft
from needs.enums import ReportKind
from needs.models import ColdPlan
from needs.reports import filing
from needs.signals import Touch, evidence_changed
from solidarity.lib import grid
from tests import filing_verbs
from tests.support import Cast, City, Seen, SignedIn

SPOT = (48.866, 2.350)


def citizens(number: int, *, hours_ago: float = 30, same: bool = False, spot: tuple[float, float] = SPOT) -> None:
    for source in range(number):
        filing.report_presence(
            PresenceDraft(
                at=timezone.now() - timedelta(hours=hours_ago),
                place=DraftPlace(*spot),
                source="one" if same else f"s{source}",
                with_account=source % 2 == 0,
            )
        )


def helped(cast: Cast, contacts: int, *, days_ago: float = 1, spot: tuple[float, float] = SPOT) -> None:
    draft = AidDraft(at=timezone.now() - timedelta(days=days_ago), place=DraftPlace(*spot), contacts=contacts)
    filing.log_aid(draft, association=cast.maraude.pk, author=None)


def file_override(cast: Cast, cell: int, **changes: Any) -> Override:
    values: dict[str, Any] = {
        "cell": cell, "at": timezone.now() - timedelta(hours=1), "persons": 5, "hours": 0.5,
        "status": Status.UNDER_COVERED, "model_status": Status.COVERED, "reason": "Tents behind the wall",
        "association": cast.maraude, "author": cast.bob, "expires_at": timezone.now() + timedelta(days=7),
        "content_hash": "0" * 64, **changes,
    }  # fmt: skip
    row = Override.objects.create(**values)
    evidence_changed.send(sender=None, touches=[Touch(ReportKind.OVERRIDE, row.pk, None, cell)])
    fold.fold_outbox()
    return row


@pytest.fixture
def cell(cast: Cast, city: City, seen: Seen) -> int:
    """Store a cell with all kinds of evidence, and some in its neighbours; return its number."""
    seen(*SPOT, persons=4, minutes=30, hours_ago=50)
    seen(*SPOT, persons=2, hours_ago=200)
    seen(48.8675, 2.352, persons=7, minutes=20, hours_ago=80)
    seen(48.870, 2.345, persons=0, minutes=45, hours_ago=26)
    citizens(3)
    citizens(2, hours_ago=100, same=True)
    helped(cast, 2)
    fold.fold_outbox()
    return int(Evidence.objects.filter(kind=ReportKind.AID).values_list("cell", flat=True)[0])


def zone_of(cell: int) -> Zone:
    key = CellState.objects.get(cell=cell).zone
    assert key is not None
    return Zone.objects.live().get(key=key)


def why(client: Client, zone: Zone, slug: str = "ville", **query: Any) -> Any:
    return client.get(reverse("mapping:why", args=[slug, zone.key]), query)


def part(html: str, name: str) -> str:
    """Return the text of an element with data-why, without tags."""
    found = re.search(rf'<(\w+)[^>]*data-why="{name}"[^>]*>(.*?)</\1>', html, re.DOTALL)
    assert found, f"no part {name}"
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found.group(2))).strip()


# --- 2: shares -------------------------------------------------------------------------------------------------------


def test_the_shares_add_up_to_the_posterior(cell: int) -> None:
    for cells in ([cell], CellState.objects.filter(zone=zone_of(cell).key).values_list("cell", flat=True)):
        evidence = evidence_of(list(cells))
        posterior = evidence.states.posterior
        assert posterior is not None
        parts = parts_of(evidence)
        assert sum(one.rate for one in parts) == pytest.approx(posterior.rate.sum(), abs=1e-9)
        assert sum(one.shape for one in parts) == pytest.approx(posterior.shape.sum(), abs=1e-9)
        assert sum(one.rate_share for one in parts) == pytest.approx(1)
        assert sum(one.shape_share for one in parts) == pytest.approx(1)
        assert min(one.rate for one in parts) >= 0


def test_what_each_row_counts_for_adds_up_to_the_sums(cell: int) -> None:
    evidence = evidence_of(CellState.objects.values_list("cell", flat=True))
    persons, sweeps = counted_rows(evidence)
    at = np.searchsorted(evidence.states.cell, evidence.report_rows.rows.cell)
    a, x = evidence.citizen_parts
    assert np.bincount(at, persons, len(evidence)) == pytest.approx(evidence.states.a + a, abs=1e-9)
    in_rows = np.bincount(at, sweeps, len(evidence))
    assert in_rows + silence_of(evidence) == pytest.approx(evidence.states.x + x, abs=1e-9)


@pytest.mark.parametrize(("number", "same", "weight"), [(40, False, 1.0), (40, True, 0.3)])
def test_a_brigade_counts_for_what_the_caps_leave(number: int, same: bool, weight: float, cast: Cast) -> None:
    citizens(number, hours_ago=1, same=same)
    fold.fold_outbox()
    evidence = evidence_of([int(Evidence.objects.values_list("cell", flat=True)[0])])
    persons, _sweeps = counted_rows(evidence)
    assert persons.sum() == pytest.approx(evidence.states.ac.sum(), abs=1e-9)
    assert persons.sum() == pytest.approx(weight, rel=0.01)


def test_sources_that_weigh_the_same_count_as_many(cast: Cast, city: City) -> None:
    nothing = evidence_of([int(CellState.objects.order_by("cell").values_list("cell", flat=True)[0])])
    assert effective_sources(nothing) == 0
    for association in (cast.maraude, cast.other):
        draft = EncounterDraft(at=timezone.now() - timedelta(hours=3), place=DraftPlace(*SPOT), persons=1, minutes=30)
        filing_verbs.log_encounter(draft, association=association.pk, author=None)
    fold.fold_outbox()
    evidence = evidence_of([int(Evidence.objects.values_list("cell", flat=True)[0])])
    assert effective_sources(evidence) == pytest.approx(2)
    citizens(1)
    fold.fold_outbox()
    # A team's half hour counts as 1 − 1/e sweeps, the citizen's report as 0.3. Both are 3 and 30 hours old.
    team, citizen = (1 - np.exp(-1)) * 2 ** (-3 / 240), 0.3 * 2 ** (-30 / 240)
    expected = (2 * team + citizen) ** 2 / (2 * team**2 + citizen**2)
    assert effective_sources(evidence_of(evidence.states.cell.tolist())) == pytest.approx(expected, rel=1e-3)


# --- 3: hash and recompute -------------------------------------------------------------------------------------------


def test_a_recomputed_cell_has_the_same_digits(cell: int, seen: Seen) -> None:
    seen(48.8675, 2.352, persons=1, minutes=10, hours_ago=1)  # in a neighbour, which is computed later
    fold.fold_outbox()
    for near in grid.neighbours(cell) + [cell]:
        if not CellState.objects.filter(cell=near).exists():
            continue
        recalculation = recalculate_cell(near)
        assert recalculation.same, [
            (digit.name, digit.stored, digit.recalculated) for digit in recalculation.digits if not digit.same
        ]
        assert recalculation.largest < 1e-9
        for row in why_presenter.recalculation_page(recalculation)["rows"]:
            assert row["stored"] == row["recalculated"]


def test_a_zone_whose_cells_were_derived_on_different_days_has_the_same_digits(cell: int, seen: Seen) -> None:
    for step in range(4):
        seen(48.8655 + step * 0.002, 2.338 + step * 0.004, persons=step, minutes=15 * step or None, hours_ago=3 + step)
        fold.fold_outbox()
    for zone in Zone.objects.live():
        days = CellState.objects.filter(zone=zone.key).values("day").distinct().count()
        recalculation = recalculate_zone(zone)
        assert recalculation is not None and recalculation.same, recalculation
        assert recalculation.cells == recalculation.agreeing == zone.cells
        for row in why_presenter.recalculation_page(recalculation)["rows"]:
            assert row["stored"] == row["recalculated"]
        if zone.cells > 20:
            assert days > 1


def test_it_holds_after_a_refresh_a_retraction_a_cold_plan_and_an_override(cell: int, cast: Cast, city: City) -> None:
    rebuild.recompute_all(timezone.now())
    filing.retract(ReportKind.ENCOUNTER, Evidence.objects.filter(cell=cell, kind=2)[0].report, author=None)
    ColdPlan.objects.create(territory=city.nord, start=timezone.now() - timedelta(days=1), norm_factor=2.0)
    file_override(cast, cell)
    recalculation = recalculate_cell(cell)
    assert recalculation.same
    assert CellState.objects.get(cell=cell).overridden


def test_what_waits_in_the_outbox_is_folded_before_the_comparison(cell: int, seen: Seen) -> None:
    seen(*SPOT, persons=9, minutes=30, hours_ago=1)
    assert CellTouch.objects.exists()
    assert recalculate_cell(cell).same
    assert not CellTouch.objects.exists()


def test_a_stored_state_that_is_wrong_is_called_wrong(cell: int) -> None:
    CellState.objects.filter(cell=cell).update(a=99)
    recalculation = recalculate_cell(cell)
    assert not recalculation.same
    assert recalculation.agreeing == 0
    assert {digit.name for digit in recalculation.digits if not digit.same} == {"a"}
    Evidence.objects.filter(cell=cell).delete()
    assert recalculate_cell(cell).hashes[0] != recalculate_cell(cell).hashes[1]


def test_the_hash_changes_with_every_input(cell: int, city: City, seen: Seen) -> None:
    def now() -> str:
        return hash_of(evidence_of([cell]))

    found = {now()}
    assert found == {now()}
    row = Evidence.objects.filter(cell=cell)[0]
    Evidence.objects.filter(pk=row.pk).update(persons=row.persons + 1)
    found.add(now())
    CellState.objects.filter(cell__in=grid.neighbours(cell)).update(x=3)
    found.add(now())
    CoverageSettings.objects.filter(territory=city.nord).update(m0=2.5)
    found.add(now())
    version = Parameters.objects.create(
        territory=city.nord, version=2, values={**coverage_model.Model().values(), "half_life": 12}
    )
    CoverageSettings.objects.filter(territory=city.nord).update(model=version)
    found.add(now())
    assert len(found) == 5
    assert all(re.fullmatch(r"[0-9a-f]{64}", one) for one in found)


def test_the_button_shows_both_results_side_by_side(cell: int, cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.diane)
    for route, key in (
        ("mapping:why_recalculate", zone_of(cell).key),
        ("mapping:why_cell_recalculate", grid.to_text(cell)),
    ):
        where = reverse(route, args=["ville", key])
        html = client.post(where, headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in html
        assert 'data-same="yes"' in html
        pairs = re.findall(r"data-stored>([^<]+)</td><td class=\"number\" data-recalculated>([^<]+)<", html)
        assert len(pairs) >= 9
        assert all(one == other for one, other in pairs)
        whole = client.post(where).content.decode()
        assert "<html" in whole and 'data-same="yes"' in whole
        assert client.get(where).status_code == 405


# --- 4: the nearest counterfactual -----------------------------------------------------------------------------------


def test_an_act_does_what_the_page_says_it_would(cell: int, cast: Cast, seen: Seen) -> None:
    evidence = evidence_of([cell])
    nearest = counterfactuals(evidence)
    assert nearest
    assert [counterfactual.act.effort for counterfactual in nearest] == sorted(
        counterfactual.act.effort for counterfactual in nearest
    )
    for counterfactual in nearest:
        cheaper = [act for act in acts() if act.effort < counterfactual.act.effort]
        assert all(statuses_after(evidence, act)[0] != counterfactual.status for act in cheaper)
    for counterfactual in nearest:
        mark = transaction.savepoint_create()
        for _visit in range(counterfactual.act.visits):
            seen(*SPOT, persons=counterfactual.act.met, contacts=counterfactual.act.helped, minutes=30, hours_ago=0.001)
        if not counterfactual.act.visits:
            helped(cast, counterfactual.act.helped, days_ago=0.0001)
        fold.fold_outbox()
        assert CellState.objects.get(cell=cell).computed == counterfactual.status, counterfactual
        transaction.savepoint_rollback(mark)


def test_one_visit_that_meets_nobody_covers_a_place_nobody_has_searched(city: City) -> None:
    evidence = evidence_of([int(CellState.objects.order_by("cell").values_list("cell", flat=True)[0])])
    assert evidence.states.computed[0] in (Status.NOT_SEARCHED, Status.TO_VERIFY)
    first = counterfactuals(evidence)[0]
    assert first.act == Act(1)
    assert first.status == Status.COVERED


def test_no_act_covers_a_place_where_nobody_logs_search(cell: int, city: City) -> None:
    CoverageSettings.objects.filter(territory=city.nord).update(presence_only=True)
    rebuild.recompute_all(timezone.now())
    assert Status.COVERED not in {counterfactual.status for counterfactual in counterfactuals(evidence_of([cell]))}


# --- the page --------------------------------------------------------------------------------------------------------


def test_a_coordinator_reads_all_sections(cell: int, cast: Cast, city: City, signed_in: SignedIn) -> None:
    FieldNote.objects.create(
        cell=cell, territory=city.nord, text="The gate opens at nine", author=cast.bob, association=cast.maraude,
        expires_at=timezone.now() + timedelta(days=3),
    )  # fmt: skip
    file_override(cast, cell)
    html = signed_in(cast.diane).get(reverse("mapping:why_cell", args=["nord", grid.to_text(cell)])).content.decode()
    evidence = evidence_of([cell])
    assert "last 2 days ago" in part(html, "sentence") or "last today" in part(html, "sentence")
    assert part(html, "parts").count("%") == 12  # in the texts of the bars and in the two shares
    assert "Encounter" in part(html, "rows") and "3 citizens&#x27; reports" in part(html, "rows")
    assert part(html, "hash") == hash_of(evidence)
    assert "9 times in 10" in part(html, "interval")
    assert evidence.states.posterior is not None
    assert f"{evidence.states.posterior.theta[0]:.2f}" in part(html, "theta")
    assert "halves every 10 days" in part(html, "parameters")
    assert "→" in part(html, "counterfactuals")
    assert "The last search was" in part(html, "unknowns") and "help that nobody logged" in part(html, "unknowns")
    assert "No team has searched" in part(html, "unknowns") or "all times of the day" in part(html, "unknowns")
    assert "Tents behind the wall" in part(html, "overrides") and "saw 5 people in 30 minutes" in part(
        html, "overrides"
    )
    assert "A team on site says: under-covered." in part(html, "statuses")
    assert "The gate opens at nine" in part(html, "notes")
    assert "according to a team on site" in part(html, "history")
    assert html.count('role="img"') == 4
    assert not re.search(r"\sstyle=|<style|<script>(?!\s*$)", html)


def test_the_charts_show_the_numbers_of_their_tables(cell: int) -> None:
    evidence = evidence_of([cell])
    shown = why_presenter.cell_page(cell)
    assert shown is not None
    newest = shown["sums"].table.rows[0]
    mine, (citizens_a, citizens_x) = evidence.states, evidence.citizen_parts
    for text, value in zip(newest[1:], (mine.a + citizens_a, mine.x + citizens_x, mine.s), strict=True):
        assert text == f"{float(value[0]):.2f}"
        assert any(text in chart for chart in shown["sums"].charts)
    assert evidence.states.posterior is not None
    chance = f"{round(100 * float(evidence.states.posterior.chance[0]))}\u00a0%"
    assert chance in shown["posterior"].charts[0]
    assert shown["posterior"].table.rows[-1][1] == chance


def test_a_zone_lists_its_cells_by_chance_with_links(cell: int, cast: Cast, signed_in: SignedIn) -> None:
    zone = max(Zone.objects.live(), key=lambda zone: zone.cells)
    client = signed_in(cast.diane)
    html = why(client, zone).content.decode()
    names = re.findall(r"/map/t/ville/cells/([0-9a-f]+)/why/", html)
    chances = dict(CellState.objects.filter(zone=zone.key).values_list("cell", "chance"))
    listed = [chances[grid.from_text(name)] for name in names]
    assert len(listed) == min(zone.cells, 50)
    assert listed == sorted(listed, reverse=True)
    assert client.get(reverse("mapping:why_cell", args=["ville", names[0]])).status_code == 200


def test_the_panel_links_to_the_page(cell: int, cast: Cast, signed_in: SignedIn) -> None:
    zone = zone_of(cell)
    html = signed_in(cast.diane).get(reverse("mapping:zone", args=["ville", zone.key])).content.decode()
    assert reverse("mapping:why", args=["ville", zone.key]) in html


# --- who sees what ---------------------------------------------------------------------------------------------------


@pytest.fixture
def published(cell: int) -> int:
    release_filter.publish_all()
    return cell


def of_release(audience: str, cell: int) -> Zone:
    from django.contrib.gis.geos import Point

    latitude, longitude = grid.centre(cell)
    return Zone.objects.get(release__audience=audience, shape__contains=Point(longitude, latitude, srid=4326))


def main_of(html: str) -> str:
    """Return the text of the page's main part, without publication times."""
    main = re.search(r"<main.*?</main>", html, re.DOTALL)
    assert main
    return re.sub(r"<[^>]+>", " ", re.sub(r'<p class="as-of">.*?</p>', "", main.group(), flags=re.DOTALL))


def test_a_volunteer_reads_bands_without_a_figure(published: int, cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.alice)
    zone = of_release("volunteer", published)
    for address in (
        reverse("mapping:why", args=["nord", zone.key]),
        reverse("mapping:why_cell", args=["nord", grid.to_text(published)]),
    ):
        html = client.get(address).content.decode()
        text = main_of(html)
        # The only number is a parameter of the model, the same for all zones.
        assert set(re.findall(r"\d+", text)) <= {str(zone.model.recent_days)}
        assert part(html, "bands") and part(html, "changes") and part(html, "unknowns")
        assert "people likely there" in text.lower()
        assert re.search(r"A place is “[a-z -]+” when", text)
        for name in (
            "rows",
            "parts",
            "counterfactuals",
            "hash",
            "history",
            "cells",
            "notes",
            "overrides",
            "recalculation",
        ):
            assert f'data-why="{name}"' not in html
        assert 'role="img"' not in html


def test_an_association_reads_steps_of_its_release_and_no_rows(published: int, cast: Cast, signed_in: SignedIn) -> None:
    zone = of_release("association", published)
    html = why(signed_in(cast.bob), zone, "nord").content.decode()
    assert "fewer than 5" in html or re.search(r"\d+ to \d+", main_of(html))
    assert part(html, "unknowns")
    for name in ("rows", "parts", "counterfactuals", "hash", "cells", "recalculation"):
        assert f'data-why="{name}"' not in html
    assert 'role="img"' not in html
    live = zone_of(published)
    text = main_of(html)
    assert f"{live.chance:.2f}" not in text and f"{round(100 * live.chance)}\u00a0%" not in part(html, "sentence")


def test_a_member_is_led_to_the_form_to_contest_the_status(published: int, cast: Cast, signed_in: SignedIn) -> None:
    zone = of_release("association", published)
    form = f"/map/t/nord/zones/{zone.key}/contest/"
    assert f'href="{form}"' in why(signed_in(cast.bob), zone, "nord").content.decode()
    volunteers = of_release("volunteer", published)
    assert "/contest/" not in why(signed_in(cast.alice), volunteers, "nord").content.decode()


def test_a_report_after_the_publication_changes_nothing_for_readers_of_a_release(
    published: int, cast: Cast, seen: Seen, signed_in: SignedIn
) -> None:
    clients = {"volunteer": signed_in(cast.alice), "association": signed_in(cast.bob)}
    zones = {audience: of_release(audience, published) for audience in clients}

    def pages() -> list[str]:
        return [main_of(why(client, zones[name], "nord").content.decode()) for name, client in clients.items()]

    before = pages()
    seen(*SPOT, persons=40, minutes=60, hours_ago=1)
    fold.fold_outbox()
    assert pages() == before


@pytest.mark.parametrize("who", ["alice", "bob", "greta"])
def test_only_coordinators_may_recalculate(who: str, published: int, cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(getattr(cast, who))
    zone = of_release("association", published)
    assert client.post(reverse("mapping:why_recalculate", args=["nord", zone.key])).status_code == 404
    assert (
        client.post(reverse("mapping:why_cell_recalculate", args=["nord", grid.to_text(published)])).status_code == 404
    )


def test_out_of_reach_answers_like_nothing_there(published: int, cast: Cast, city: City, signed_in: SignedIn) -> None:
    sud = CellState.objects.filter(territory=city.sud.pk)[0].cell
    zone = Zone.objects.live().filter(territory=city.sud)[0]
    strip = re.compile(rb"sud|nord|nowhere|csrf\w*\"?[^>]*|X-CSRFToken[^}]*|[0-9a-f]{15}|[0-9a-f-]{36}")
    client = signed_in(cast.alice)
    answers = [
        client.get(path)
        for path in (
            reverse("mapping:why", args=["sud", zone.key]),
            reverse("mapping:why", args=["nord", zone.key]),
            reverse("mapping:why", args=["nowhere", zone.key]),
            reverse("mapping:why", args=["nord", "00000000-0000-4000-8000-000000000000"]),
            reverse("mapping:why_cell", args=["sud", grid.to_text(sud)]),
            reverse("mapping:why_cell", args=["nord", grid.to_text(sud)]),
            reverse("mapping:why_cell", args=["nord", "8928308280fffff"]),
            reverse("mapping:why_cell", args=["nord", "not-a-cell"]),
        )
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({re.sub(rb"/map/t/[^\"]*", b"", strip.sub(b"", answer.content)) for answer in answers}) == 1
    anonymous = Client().get(reverse("mapping:why", args=["nord", zone.key]))
    assert anonymous.status_code == 302
    assert "/accounts/login/" in anonymous["Location"]


def test_the_page_can_be_printed(cell: int, cast: Cast, signed_in: SignedIn) -> None:
    html = why(signed_in(cast.diane), zone_of(cell)).content.decode()
    assert "data-print" in html
    sheet = re.search(r'href="/static/(solidarity/why[^"]*\.css)"', html)
    assert sheet
    found = finders.find("solidarity/why/why.css")
    assert found
    assert "details-content" in Path(str(found)).read_text().partition("@media print")[2]


def test_all_statuses_have_a_rule_without_a_digit() -> None:
    from mapping.map.why.wording.model_words import rule

    assert len({rule(key) for key in STATUS_KEYS.values()}) == 7
    assert not any(re.search(r"\d", rule(key)) for key in STATUS_KEYS.values())
