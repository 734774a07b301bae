"""A small bad night: everything happens, and nothing breaks."""

from pathlib import Path

import pytest

from solidarity.ops.bad_night import night_people, run_night
from solidarity.ops.bad_night.page_fields import forms_of
from solidarity.ops.bench import bench_server
from tests.conftest import environment
from tests.repetitions import again
from tests.support import City, Seen

TINY = run_night.Plan(
    {"members": 2, "volunteers": 1, "dispatchers": 2, "readers": 2},
    requests=80, every_action=True, pause=0.05, pace=0.1, ramp=20,
)  # fmt: skip
SMALL = run_night.Plan(
    {"members": 6, "volunteers": 4, "dispatchers": 3, "readers": 6}, requests=300, pause=0.2, pace=0.1, ramp=20
)


@pytest.mark.parametrize(("plan", "processes"), [(TINY, 1), again(SMALL, 2)], ids=["tiny", "small"])
@pytest.mark.xdist_group("bench")
@pytest.mark.django_db(transaction=True)
def test_a_small_night_has_no_failure_and_every_kind_of_action_in_it(
    city: City, seen: Seen, own_broker: str, own_media: Path, plan: run_night.Plan, processes: int
) -> None:
    for _each in range(3):
        seen()
    people = night_people.gather(city.root, members=6, volunteers=4, dispatchers=3, needs=60)
    more = {**environment(own_broker, own_media), "SOLIDARITY_BEHIND_PROXY": "1"}
    with bench_server.granian(more=more, processes=processes) as site:
        verdict = run_night.run(people, plan, f"http://127.0.0.1:{site.port}")
    table = verdict.table()
    assert not [page.name for page in verdict.pages if page.failed], table
    assert verdict.missing() == [], table
    assert sum(page.count for page in verdict.pages) >= plan.requests


def test_a_night_names_what_went_wrong() -> None:
    good = {"seconds": [0.1] * 20, "statuses": {"200": 20}}
    pages = dict.fromkeys(run_night.ACTIONS, good)
    assert run_night.judged({"pages": pages, "took": 9}, 4.9).problems() == []
    bad = pages | {
        "home": {"seconds": [0.1] * 18 + [0.4] * 2, "statuses": {"200": 20}},
        "map": {"seconds": [0.1] * 3, "statuses": {"200": 1, "503": 1, "0": 1}},
        "take a need": {"seconds": [0.1] * 2, "statuses": {"409": 2}},
    }
    assert run_night.judged({"pages": bad, "took": 9}, 5.5).problems() == [
        "map: 2 failed", "home: p95 400 ms", "the outbox was 5.5 s old", "nobody could: take a need",
    ]  # fmt: skip


def test_a_form_is_read_as_a_browser_would_send_it() -> None:
    page = """<form action="/a/?b=1"><input name="t" value="x"><input type="file" name="f"><textarea name="m">
    Hello</textarea><select name="s"><option value="1">one<option value="2" selected>two</select>
    <input type="radio" name="r" value="p"><input type="radio" name="r" value="q" checked>
    <button name="step" value="verified">v</button></form><input name="outside" value="1"><form></form>"""
    first, second = forms_of(page)
    assert first.action == "/a/?b=1" and second.values == {}
    assert first.values == {"t": ["x"], "m": ["Hello"], "s": ["2"], "r": ["q"]}
    assert first.choices == {"r": ["p", "q"], "step": ["verified"]}
