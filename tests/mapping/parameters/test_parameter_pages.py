"""New parameters of a territory are previewed before they are saved, refused if unsafe, and put in force in one
step."""

import re
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks, Settings

from mapping.coverage.cells import stored_states
from mapping.coverage.cells.coverage_model import NO_LIMIT, Model
from mapping.coverage.folding import fold, rebuild, reconciliation
from mapping.models import CellState, Parameters, Recompute, Zone, ZoneChange
from mapping.plans.parameters import versions
from mapping.plans.parameters.forms import ParametersForm
from mapping.plans.parameters.parameter_wording import knobs, matrix, preview_words
from tests.forked_workers import Worker
from tests.support import Cast, City, Seen, SignedIn
from volunteers.models import Territory


def url(slug: str = "ville") -> str:
    return reverse("mapping:parameters", args=[slug])


def sent(territory: Territory, **changes: str) -> dict[str, str]:
    """Return the data that the page's form sends, with some fields changed."""
    current = Parameters.objects.in_force(territory)
    form = ParametersForm(current=versions.values_of(current))
    fields = {knob.name: str(form[knob.name].value()) for knob in knobs()}
    shown = {knob.name: knob.shown(float(form.initial[knob.name])) for knob in knobs()}
    return {**fields, **shown, "base": str(current.pk), "reason": "people stay longer in winter", **changes}


def other_values(territory: Territory, **changes: float) -> dict[str, float]:
    """Return the values in force in a territory, with some of them changed."""
    return versions.values_of(Parameters.objects.in_force(territory)) | changes


def seal_in(page: str) -> str:
    found = re.search(r'name="previewed" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def previewed(client: Client, territory: Territory, **changes: str) -> dict[str, str]:
    data = sent(territory, **changes)
    answer = client.post(url(territory.slug), {**data, "preview": ""})
    assert answer.status_code == 200, answer.content.decode()
    return {**data, "previewed": seal_in(answer.content.decode())}


def everything() -> list[Any]:
    return [
        list(model.objects.order_by("pk").values())
        for model in (CellState, Zone, ZoneChange, Parameters, Recompute, Territory)
    ]


# --- who ------------------------------------------------------------------------------------------------------------


def test_the_page_is_for_the_coordinators_of_the_territory_alone(cast: Cast, signed_in: SignedIn) -> None:
    for person in (cast.alice, cast.bob, cast.carol, cast.edith, cast.greta):
        assert signed_in(person).get(url()).status_code == 404
        assert signed_in(person).post(url(), {}).status_code == 404
        assert signed_in(person).get(reverse("mapping:parameters_state", args=["ville"])).status_code == 404


@pytest.fixture
def diane(cast: Cast, signed_in: SignedIn, settings: Settings) -> Any:
    settings.MFA_REQUIRED = False
    return signed_in(cast.diane)


def test_a_coordinator_without_a_second_factor_is_sent_to_set_one_up(
    cast: Cast, signed_in: SignedIn, settings: Settings
) -> None:
    settings.MFA_REQUIRED = True
    for client in (signed_in(cast.diane), signed_in(cast.farid)):
        answer = client.get(url())
        assert answer.status_code == 302 and answer["Location"] == reverse("mfa_index")


# --- the form -------------------------------------------------------------------------------------------------------


def test_no_limit_is_an_empty_field(city: City) -> None:
    form = ParametersForm(sent(city.root, cell_limit="", half_life="5"), current=Model().values())
    assert form.is_valid() and form.values["cell_limit"] == NO_LIMIT
    assert Model.of(form.values).cell_limit == NO_LIMIT


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_parameter_of_the_model_is_in_the_form_and_unchanged_ones_come_back_as_they_were(
    city: City, language: str
) -> None:
    with translation.override(language):
        data = sent(city.root)
        now = versions.values_of(Parameters.objects.in_force(city.root))
        form = ParametersForm(data, current=now)
        assert not form.is_valid() and list(form.errors) == ["__all__"]  # refused only because nothing is changed
        assert versions.differences(now, form.values) == []


def test_the_models_that_were_ever_proposed_are_allowed_by_the_form() -> None:
    published = Model(
        half_life=10.0, prior=0.5, neighbour_weight=0.1, cell_limit=NO_LIMIT, evidence_weight=1.0, aid_factor=1.0,
        aid_spread=0.0,
    )  # fmt: skip
    first = Model(half_life=7.0, prior=0.3, neighbour_limit=1.0, evidence_weight=1.6, cell_limit=0.6)
    for model in (Model(), published, first):
        for knob in knobs():
            value = model.values()[knob.name]
            assert knob.unlimited and value == NO_LIMIT or knob.least <= value * knob.scale <= knob.most, knob.name


@pytest.mark.parametrize(
    ("changes", "field", "cure"),
    [
        ({"covered_at": "30"}, "covered_at", "Lower this value or raise the other one"),
        ({"leave_covered_at": "5"}, "covered_at", "Lower this value or raise the other one"),
        ({"leave_under_covered_at": "40"}, "leave_under_covered_at", "Lower this value or raise the other one"),
        ({"leave_covered_at": "30"}, "leave_covered_at", "Lower this value or raise the other one"),
        ({"uncovered_share": "50"}, "uncovered_share", "Lower this value or raise the other one"),
        ({"citizen_trust": "50"}, "citizen_trust", "Lower this value or raise the other one"),
        ({"half_life": "0"}, "half_life", "from 1 to 365"),
        ({"half_life": "nan"}, "half_life", "number"),
        ({"searched": "0"}, "searched", "from 0.1 to 2"),
        ({"reason": " "}, "reason", "required"),
        ({"half_life": ""}, "half_life", "required"),
    ],
)
def test_it_refuses_unsafe_values_with_the_field_and_the_cure(
    city: City, changes: dict[str, str], field: str, cure: str
) -> None:
    form = ParametersForm(sent(city.root, **changes), current=Model().values())
    assert not form.is_valid()
    assert field in form.errors and cure in str(form.errors[field])


def test_a_decimal_comma_is_as_good_as_a_point(city: City) -> None:
    form = ParametersForm(sent(city.root, half_life="7,5", cell_limit="0,6"), current=Model().values())
    assert form.is_valid(), form.errors
    assert (form.values["half_life"], form.values["cell_limit"]) == (7.5, 0.6)


# --- the preview ----------------------------------------------------------------------------------------------------


def test_a_preview_writes_nothing(diane: Client, city: City, seen: Seen) -> None:
    seen()
    fold.fold_outbox()
    before = everything()
    previewed(diane, city.root, half_life="3")
    assert everything() == before


def test_a_preview_says_what_saving_then_does(diane: Client, city: City, seen: Seen) -> None:
    for lat, persons in ((48.866, 4), (48.868, 0), (48.855, 1)):
        seen(lat=lat, persons=persons, minutes=40)
    now = timezone.now() + timedelta(days=6)
    fold.fold_outbox()
    rebuild.recompute_all(now)
    values = other_values(city.root, half_life=25.0, least_persons=1.0)
    before = {row.cell: row.status for row in CellState.objects.all()}
    found = versions.preview(city.root, values, now)
    versions.save(city.root, values, base=Parameters.objects.in_force(city.root).pk, reason="x", author=None)
    versions.catch_up(now)
    after = {row.cell: row for row in CellState.objects.all()}
    from mapping.enums import STATUS_KEYS, Status

    moved: dict[tuple[str, str], list[float]] = {}
    for cell, status in before.items():
        if after[cell].status != status:
            key = STATUS_KEYS[Status(status)], STATUS_KEYS[Status(after[cell].status)]
            moved.setdefault(key, []).append(after[cell].mean)
    assert moved and found.cells == len(after)
    assert {(m.before, m.after): (m.cells, pytest.approx(m.persons)) for m in found.moves} == {
        key: (len(means), pytest.approx(sum(means))) for key, means in moved.items()
    }
    zones = {t.status: t.zones_after for t in found.tallies if t.zones_after}
    live = [STATUS_KEYS[Status(status)] for status in Zone.objects.live().values_list("status", flat=True)]
    assert zones == {key: live.count(key) for key in set(live)}
    assert len(matrix(found)["rows"]) == len({key[0] for key in moved})
    assert str(found.changed) in preview_words(found, 2)[0]


def test_a_preview_leaves_out_territories_with_versions_of_their_own(city: City) -> None:
    current = Parameters.objects.in_force(city.nord)
    versions.save(city.nord, Model(half_life=4).values(), base=current.pk, reason="x", author=None)
    versions.catch_up()
    found = versions.preview(city.root, Model(least_persons=0.5).values())
    assert found.cells == city.sud.cells.count()
    assert [one.slug for one in versions.with_own(city.root)] == ["nord"]
    assert {one.slug for one in versions.reached(city.root)} == {"ville", "sud"}


# --- saving ---------------------------------------------------------------------------------------------------------


def test_what_was_not_previewed_is_previewed_and_not_saved(diane: Client, city: City) -> None:
    count = Parameters.objects.count()
    for data in (sent(city.root, half_life="7"), {**previewed(diane, city.root, half_life="7"), "half_life": "9"}):
        answer = diane.post(url(), {**data, "save": ""})
        assert answer.status_code == 200 and b"data-preview" in answer.content
        assert b"Nothing is saved yet" in answer.content
    assert Parameters.objects.count() == count


def test_a_saved_version_is_in_force_for_the_territory_and_those_that_inherit(
    diane: Client, cast: Cast, city: City, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    before, wanted = other_values(city.root), other_values(city.root, half_life=7.0)
    data = previewed(diane, city.root, half_life="7")
    with django_capture_on_commit_callbacks() as after_commit:
        answer = diane.post(url(), {**data, "save": ""})
    assert answer.status_code == 302
    assert [callback.__name__ for callback in after_commit] == ["catch_up_soon", "move_the_anchor"]
    row = Parameters.objects.in_force(city.root)
    assert (row.author, row.reason, row.version) == (cast.diane, "people stay longer in winter", 1)
    assert row.values == wanted
    page = diane.get(url()).content.decode()
    assert "data-pending" in page
    run = versions.catch_up()
    assert run is not None and run.job == "parameters" and run.finished_at is not None
    assert set(Territory.objects.values_list("coverage__model", flat=True)) == {row.pk}
    assert set(Zone.objects.live().values_list("model", flat=True)) == {row.pk}
    state = diane.get(reverse("mapping:parameters_state", args=["ville"])).content.decode()
    assert "data-settled" in state
    assert versions.catch_up() is None
    assert f"<s>{before['half_life']:g} days</s>" in page and "<strong>7 days</strong>" in page


def test_the_state_after_saving_is_that_of_a_recompute_from_the_ledger(city: City, seen: Seen) -> None:
    seen()
    fold.fold_outbox()
    base = Parameters.objects.in_force(city.root).pk
    versions.save(city.root, Model(half_life=6.0).values(), base=base, reason="x", author=None)
    seen(persons=5)
    fold.fold_outbox()  # uses only the old parameters: the worker has not put the new version in force yet
    versions.catch_up()
    seen(persons=2)
    fold.fold_outbox()
    now = timezone.now()
    exact, grounds = rebuild.compute(now, ledger_only=True)
    from mapping.models import evidence_day

    assert reconciliation.largest_difference(stored_states.load("true", []), exact, grounds, evidence_day(now)) < 1e-9
    assert all(ground.model.half_life == 6.0 for ground in grounds.values())


def test_two_coordinators_do_not_overwrite_each_other(diane: Client, city: City, cast: Cast) -> None:
    before = other_values(city.root)
    mine = previewed(diane, city.root, half_life="7")
    versions.save(
        city.root,
        other_values(city.root, least_persons=3.0),
        base=int(mine["base"]),
        reason="larger groups",
        author=cast.diane,
    )
    answer = diane.post(url(), {**mine, "save": ""})
    page = answer.content.decode()
    assert answer.status_code == 409 and "larger groups" in page and "Your changes are not saved" in page
    assert Parameters.objects.in_force(city.root).values["half_life"] == before["half_life"]
    newest = Parameters.objects.in_force(city.root)
    assert f'name="base" value="{newest.pk}"' in page
    assert re.search(r'name="half_life" value="7"', page) and re.search(r'name="least_persons" value="3"', page)
    again = {**mine, "base": str(newest.pk), "least_persons": "3"}
    seal = seal_in(diane.post(url(), {**again, "preview": ""}).content.decode())
    assert diane.post(url(), {**again, "previewed": seal, "save": ""}).status_code == 302
    assert Parameters.objects.in_force(city.root).values == before | {"half_life": 7.0, "least_persons": 3.0}


def test_saving_from_another_version_is_a_conflict_also_for_the_verb(city: City) -> None:
    base = Parameters.objects.in_force(city.root).pk
    versions.save(city.root, Model(half_life=7.0).values(), base=base, reason="a", author=None)
    with pytest.raises(versions.Conflict):
        versions.save(city.root, Model(half_life=8.0).values(), base=base, reason="b", author=None)


# --- proposals ------------------------------------------------------------------------------------------------------


def proposal(city: City) -> Parameters:
    current = Parameters.objects.in_force(city.nord)
    grounds = {
        "base": current.pk, "kind": "visits", "from": 2500.0, "to": 2560.0, "observations": 1234, "groups": 99,
        "current": {"half_life": 10.0, "neighbour_weight": 0.1, "log_likelihood": -0.81},
        "proposed": {"half_life": 22.0, "neighbour_weight": 0.2, "log_likelihood": -0.79},
        "gain": 20.5, "standard_error": 6.25,
    }  # fmt: skip
    values = versions.values_of(current) | {"half_life": 22.0, "neighbour_weight": 0.2}
    return versions.propose(city.nord, values, "Predicts the past of this territory better", grounds)


def test_a_proposal_is_shown_with_its_grounds_and_to_those_above(diane: Client, city: City) -> None:
    row = proposal(city)
    page = diane.get(url("nord")).content.decode()
    assert (
        "1,234" in page
        and "half-life of 22 days (now 10)" in page
        and "20% for the neighbouring cells (now 10%)" in page
    )
    assert "20.5" in page and "6.25" in page
    assert f"?proposal={row.pk}" in page
    assert "data-proposal" in diane.get(reverse("mapping:checks", args=["ville"])).content.decode()
    assert "data-proposal" not in diane.get(reverse("mapping:checks", args=["sud"])).content.decode()


def test_accepting_makes_a_new_version_and_declining_does_not(diane: Client, cast: Cast, city: City) -> None:
    row = proposal(city)
    page = diane.get(url("nord") + f"?proposal={row.pk}").content.decode()
    assert re.search(r'name="half_life" value="22"', page) and re.search(r'name="neighbour_weight" value="20"', page)
    data = previewed(diane, city.nord, half_life="22", neighbour_weight="20", proposal=str(row.pk))
    assert Parameters.objects.in_force(city.nord).territory is None  # a preview does not accept the proposal
    assert diane.post(url("nord"), {**data, "save": ""}).status_code == 302
    accepted = Parameters.objects.in_force(city.nord)
    assert accepted.territory == city.nord and accepted.values["half_life"] == 22.0 and accepted.author == cast.diane
    assert accepted.grounds["proposal"] == row.pk and not Parameters.objects.proposals().exists()
    row = proposal(city)
    decline = reverse("mapping:parameters_decline", args=["nord", row.pk])
    assert diane.post(decline, {"reason": ""}).status_code == 422
    assert Parameters.objects.proposals().count() == 1
    diane.post(decline, {"reason": "a camp was cleared"})
    row.refresh_from_db()
    assert row.declined_at is not None and row.grounds["said"] == "a camp was cleared"
    assert Parameters.objects.in_force(city.nord) == accepted
    assert diane.post(decline, {"reason": "twice"}).status_code == 404


def test_a_proposal_of_another_territory_is_not_found(diane: Client, city: City) -> None:
    row = proposal(city)
    assert diane.get(url("sud") + f"?proposal={row.pk}").status_code == 404
    assert diane.post(reverse("mapping:parameters_decline", args=["sud", row.pk]), {"reason": "x"}).status_code == 404


def test_versions_cost_the_same_queries_however_many_there_are(
    diane: Client, city: City, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(6):
        base = Parameters.objects.in_force(city.root).pk
        versions.save(city.root, other_values(city.root, half_life=5.0 + number), base=base, reason="x", author=None)
    with django_assert_max_num_queries(40):
        page = diane.get(url()).content.decode()
    assert page.count("<s>") == 6


# --- with a worker --------------------------------------------------------------------------------------------------


@pytest.mark.worker
@pytest.mark.django_db(transaction=True)
def test_the_worker_puts_a_saved_version_in_force(worker: Worker, cast: Cast, city: City) -> None:
    from tests.conftest import until

    base = Parameters.objects.in_force(city.root).pk
    row = versions.save(city.root, Model(half_life=7.0).values(), base=base, reason="x", author=cast.diane)
    until(lambda: set(Territory.objects.values_list("coverage__model", flat=True)) == {row.pk}, 90)
    until(lambda: set(Zone.objects.live().values_list("model", flat=True)) == {row.pk}, 60)
    assert np.isclose(Recompute.objects.filter(job="parameters").count(), 1)
