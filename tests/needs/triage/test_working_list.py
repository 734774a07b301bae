"""The dispatchers' list: search, box, tabs, likely duplicates, changes, cells, and attacks on these."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from needs.base.records.declarations import DraftPlace
from needs.enums import ReportKind
from needs.help.commitments import taking
from needs.help.corrections import correcting
from needs.help.corrections.correcting import By
from needs.help.triage import calls, duplicates, need_locks
from needs.help.triage.working_list import list_duplicates
from needs.models import Need, NeedSharing, NotDuplicate, SavedSearch
from solidarity.lib import grid
from tests.needs.triage.triage_cases import GARE, reported
from tests.support import Cast, City, SignedIn, dispatches
from volunteers.models import AuditEntry, Cell
from volunteers.places.basemap import installed

SUD = (48.855, 2.350)
OLD_MAN = "an old man without a blanket sits at the station entrance"
SAME_MAN = "old man without blanket at the entrance of the station"


def page(client: Client, query: str = "") -> str:
    return str(client.get(f"/triage/{query}").content.decode())


def shown(text: str) -> set[str]:
    return set(re.findall(r'id="need-([0-9a-f-]{36})"', text))


def found(client: Client, **body: str) -> tuple[str, str]:
    """Search, and return the address of the result and its page."""
    address = client.post("/triage/find/", body)["Location"]
    return address, str(client.get(address).content.decode())


def cells(text: str) -> dict[str, Any]:
    [data] = re.findall(r'<script id="triage-cells" type="application/json">(.*?)</script>', text)
    return dict(json.loads(data))


def tabs(text: str) -> dict[str, str]:
    return dict(re.findall(r'<a class="nav-link"[^>]*>([^<]+?)\s*<span class="tag">(\d+)</span>', text))


def box(lat: float, lng: float, half: float = 0.002) -> str:
    return f"{lng - half},{lat - half},{lng + half},{lat + half}"


# --- search ----------------------------------------------------------------------------------------------------------


def test_words_are_found_in_title_and_text_and_not_in_the_address(carol: Client) -> None:
    text = reported(text="a warm Blanket for two")
    titled = reported(title="Blankets needed")
    address, answer = found(carol, words="blanket")
    assert shown(answer) == {str(text.pk), str(titled.pk)}
    assert "blanket" not in address
    assert shown(found(carol, words="BLANKET two")[1]) == {str(text.pk)}


def test_the_hidden_place_in_words_cannot_be_read_letter_by_letter(carol: Client) -> None:
    """The list, its tabs and the number of new needs do not tell whether a word matches."""
    reported(None, text="two people", place_text="behind the blue container")
    for words in ("b", "be", "behind", "blue container", "people behind"):
        address, answer = found(carol, words=words)
        assert shown(answer) == set()
        assert carol.get(f"/triage/changes/?{address.partition('?')[2]}").json()["count"] == 0


def test_a_search_is_kept_with_the_other_filters_and_goes_along_to_the_need(carol: Client) -> None:
    one = reported(kinds=["tent"], text="torn tent")
    reported(kinds=["food"], text="torn bag")
    address, answer = found(carol, words="torn", query="kinds=tent")
    assert shown(answer) == {str(one.pk)}
    query = address.partition("?")[2]
    assert query.startswith("kinds=tent&find=")
    assert f'href="/triage/{one.pk}/?{query.replace("&", "&amp;")}"' in answer
    assert carol.get(f"/triage/{one.pk}/?{query}").status_code == 200
    back = carol.post(f"/triage/{one.pk}/step/?{query}", {"seen": "new", "state": "verified", "then": "queue"})
    assert back["Location"] == address


def test_the_key_of_a_search_is_worth_nothing_to_others_and_expires(carol: Client, edith: Client) -> None:
    reported(text="torn tent")
    reported(text="food")
    address, answer = found(carol, words="torn")
    assert len(shown(answer)) == 1
    theirs = edith.get(address).content.decode()
    assert len(shown(theirs)) == 2
    assert "torn”" not in theirs
    assert "Your search is too old" in theirs
    cache.clear()
    assert len(shown(carol.get(address).content.decode())) == 2


@pytest.mark.parametrize("key", ["x" * 500, "../../etc", "%1F", "a:b", "'", "ffffffffffff"])
def test_forged_keys_find_everything_as_without_a_search(carol: Client, key: str) -> None:
    one = reported()
    assert shown(page(carol, f"?find={key}")) == {str(one.pk)}


def test_the_audit_log_says_that_words_were_searched_and_not_which(carol: Client) -> None:
    reported(text="Monsieur Quatremarre")
    found(carol, words="Quatremarre")
    entry = AuditEntry.objects.filter(verb="list_read").latest("seq")
    assert entry.details == {"list": "queue", "count": 1, "words": True}
    search = AuditEntry.objects.filter(verb="list_read").order_by("-seq")[1]
    assert search.details == {"list": "search", "count": 0, "words": True}
    assert "uatremarre" not in str(list(AuditEntry.objects.values_list("details", flat=True)))


def test_no_search_reaches_the_needs_of_another_desk(cast: Cast, city: City, signed_in: SignedIn) -> None:
    dispatches(cast.carol, city.nord)
    dispatches(cast.edith, city.sud)
    theirs = reported((48.87, 2.35), text="warm meal")
    edith = signed_in(cast.edith)
    for body in ({"words": "meal"}, {"box": "2.0,48.0,3.0,49.0"}):
        assert shown(found(edith, **body)[1]) == set()
    answer = edith.get("/triage/changes/?since=2020-01-01T00:00:00Z").json()
    assert answer == {"new": 0, "count": 0}
    assert shown(found(signed_in(cast.carol), words="meal")[1]) == {str(theirs.pk)}
    assert cells(page(edith)) == {"unplaced": 0, "cells": []}


def test_a_saved_filter_leaves_words_and_box_out(carol: Client) -> None:
    reported(kinds=["tent"], text="torn")
    address, _answer = found(carol, words="torn", query="kinds=tent")
    carol.post("/triage/searches/", {"name": "tents", "query": address.partition("?")[2]})
    assert SavedSearch.objects.get().query == {"kinds": ["tent"]}


def test_searching_has_a_rate_limit(carol: Client, settings: Settings) -> None:
    settings.API_RATES = {**settings.API_RATES, "searches": "3/min"}
    answers = [carol.post("/triage/find/", {"words": "a"}).status_code for _each in range(5)]
    assert answers == [302, 302, 302, 429, 429]
    assert AuditEntry.objects.filter(verb="list_read", details__list="search").count() == 3


def test_open_pages_have_a_rate_limit_of_their_own(carol: Client, settings: Settings) -> None:
    settings.API_RATES = {**settings.API_RATES, "polls": "9/min", "account": "2/min"}
    answers = [carol.get("/triage/changes/").status_code for _each in range(11)]
    assert answers == [200] * 9 + [429] * 2
    assert carol.get("/triage/").status_code == 200, "open pages take nothing from the limit of other pages"


@pytest.mark.parametrize("wrong", ["1,2,3", "a,b,c,d", "3,2,1,0", "nan,nan,nan,nan", "1e9,0,2e9,1"])
def test_an_unreadable_box_is_refused(carol: Client, wrong: str) -> None:
    answer = carol.post("/triage/find/", {"box": wrong, "query": "kinds=tent"}, follow=True)
    assert answer.redirect_chain[0][0] == "/triage/?kinds=tent"
    assert "could not be read" in answer.content.decode()


# --- the map ---------------------------------------------------------------------------------------------------------


def test_the_map_has_cells_and_the_same_number_of_needs_as_the_list(carol: Client) -> None:
    for _each in range(3):
        reported(GARE, urgency="now")
    reported(SUD)
    reported(None, place_text="somewhere")
    text = page(carol)
    data = cells(text)
    assert data["unplaced"] == 1
    assert {cell: (count, urgent) for cell, count, urgent, _ring in data["cells"]} == {
        grid.to_text(grid.cell_of(*GARE)): (3, 3), grid.to_text(grid.cell_of(*SUD)): (1, 0),
    }  # fmt: skip
    assert sum(row[1] for row in data["cells"]) + data["unplaced"] == len(shown(text))
    assert f'data-cell="{grid.to_text(grid.cell_of(*GARE))}"' in text


def test_a_box_finds_the_middle_of_the_cell_and_nothing_finer(carol: Client) -> None:
    """Two states of the site differ only in the place of a need inside its cell. Every box gives the same answer in
    both."""
    need = reported(GARE)
    middle = grid.centre(grid.cell_of(*GARE))

    def answers() -> list[bool]:
        tried = [(at, half) for at in (middle, GARE) for half in (0.0001, 0.0005, 0.003)]
        return [bool(shown(found(carol, box=box(*at, half))[1])) for at, half in tried]

    there = answers()
    Need.objects.filter(pk=need.pk).update(point=f"SRID=4326;POINT({middle[1]} {middle[0]})")
    assert answers() == there
    assert any(there) and not all(there)


def test_the_list_is_the_same_wherever_in_its_cell_a_need_is(carol: Client) -> None:
    need = reported(GARE, text=OLD_MAN, place_text="the third bench from the left")
    reported(GARE, text=SAME_MAN)
    middle = grid.centre(grid.cell_of(*GARE))

    def read() -> tuple[Any, ...]:
        text = page(carol)
        assert "bench" not in text
        return cells(text), shown(text), "/duplicates/" in text

    before = read()
    Need.objects.filter(pk=need.pk).update(point=f"SRID=4326;POINT({middle[1]} {middle[0]})")
    assert read() == before
    assert before[2]


def test_many_cells_are_joined_and_the_counts_stay(carol: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from needs.help.triage.working_list import list_cells

    monkeypatch.setattr(list_cells, "MAX_ON_MAP", 3)
    for step in range(6):
        reported((48.85 + step * 0.004, 2.35))
    text = page(carol)
    data = cells(text)
    assert len(data["cells"]) <= 3
    assert sum(row[1] for row in data["cells"]) == 6
    assert set(re.findall(r'data-cell="([0-9a-f]+)"', text)) == {row[0] for row in data["cells"]}


# --- rows and tabs ---------------------------------------------------------------------------------------------------


def test_a_row_says_who_works_on_the_need(cast: Cast, carol: Client) -> None:
    taken, opened = reported(state="open"), reported()
    taking.take(taken, cast.bob)
    need_locks.acquire(opened.pk, cast.carol, timezone.now())
    text = page(carol)
    who = re.findall(r'<td class="triage-cell--who">(.*?)<div', text, re.S)
    assert any(str(cast.bob) in each for each in who)
    assert any("you" in each for each in who)


def test_a_row_names_the_longest_street_of_its_cell(carol: Client, settings: Settings, tmp_path: Path) -> None:
    settings.BASEMAP_ROOT = tmp_path
    installed.path().write_bytes(b"a map whose streets were read before")
    built = installed.path().stat().st_mtime_ns
    cache.set(f"streets:{built}:{grid.cell_of(*GARE)}", ["Rue Longue", "Rue Courte"])
    need = reported(GARE)
    middle = grid.centre(grid.cell_of(*GARE))
    for place in (GARE, middle):
        Need.objects.filter(pk=need.pk).update(point=f"SRID=4326;POINT({place[1]} {place[0]})")
        text = page(carol)
        assert "Rue Longue" in text
        assert "Rue Courte" not in text


def test_every_tab_has_its_number(cast: Cast, carol: Client) -> None:
    reported(hours_ago=100)
    reported(state="held")
    called = reported(None, place_text="somewhere")
    calls.log_call(called, cast.carol, "no_answer", again_in=timedelta(hours=1), at=timezone.now() - timedelta(hours=2))
    reported(state="met")
    carol.post("/triage/searches/", {"name": "food only", "query": "kinds=food&lane=own"})
    assert tabs(page(carol)) == {
        "All": "3", "My territories": "2", "Not assigned": "1", "Messages": "0", "Call back": "1", "To moderate": "1",
        "Long wait": "1", "food only": "2",
    }  # fmt: skip


def test_a_likely_duplicate_is_shown_where_there_is_one(cast: Cast, carol: Client) -> None:
    one, other = reported(text=OLD_MAN, kinds=["blanket"]), reported(text=SAME_MAN, kinds=["blanket"], hours_ago=3)
    for words in ("warm meal", ""):
        reported(text=words, kinds=["blanket"])
    text = page(carol)
    assert re.findall(r"/triage/([0-9a-f-]{36})/duplicates/([0-9a-f-]{36})/", text) == [
        (str(other.pk), str(one.pk)), (str(one.pk), str(other.pk)),
    ]  # fmt: skip
    duplicates.mark_different(one.pk, other.pk, cast.carol)
    assert NotDuplicate.objects.exists()
    assert "/duplicates/" not in page(carol)


def test_a_duplicate_at_another_desk_is_not_suggested(cast: Cast, city: City, signed_in: SignedIn) -> None:
    own = dict(Cell.objects.filter(territory__in=(city.nord, city.sud)).values_list("cell", "territory"))
    here, there = next(
        (cell, near) for cell, of in own.items() if of == city.nord.pk
        for near in grid.neighbours(cell) if own.get(near) == city.sud.pk
    )  # fmt: skip
    reported(grid.centre(here), text=OLD_MAN)
    reported(grid.centre(there), text=SAME_MAN)
    assert page(signed_in(cast.carol)).count("/duplicates/") == 2
    dispatches(cast.carol, city.nord)
    dispatches(cast.edith, city.sud)
    assert "/duplicates/" not in page(signed_in(cast.carol))


def test_python_and_postgresql_agree_on_trigrams(cast: Cast) -> None:
    from django.contrib.postgres.search import TrigramSimilarity

    need = reported(text=OLD_MAN)
    for words in (SAME_MAN, "Ça fait très froid, l’été", "one-two 3four", "x", OLD_MAN.upper()):
        [row] = Need.objects.annotate(same=TrigramSimilarity("text", words)).filter(pk=need.pk)
        assert list_duplicates.trigram_similarity(OLD_MAN, words) == pytest.approx(row.same, abs=1e-6), words  # type: ignore[attr-defined]


# --- what changed ----------------------------------------------------------------------------------------------------


def state(text: str) -> tuple[str, str]:
    since, etag = re.findall(r'data-since="([^"]+)" data-etag="([^"]+)"', text)[0]
    return since, etag.replace("&quot;", '"')


def test_an_unchanged_list_answers_304_and_logs_nothing(carol: Client) -> None:
    reported()
    since, etag = state(page(carol))
    entries = AuditEntry.objects.count()
    for _each in range(3):
        answer = carol.get("/triage/changes/", {"since": since}, headers={"If-None-Match": etag})
        assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", etag)
        assert "no-store" in answer["Cache-Control"]
    assert AuditEntry.objects.count() == entries


def test_new_and_changed_needs_change_the_state(carol: Client) -> None:
    first = reported(hours_ago=2)
    since, etag = state(page(carol))
    reported(hours_ago=0)
    answer = carol.get("/triage/changes/", {"since": since}, headers={"If-None-Match": etag})
    assert answer.json() == {"new": 1, "count": 2}
    assert str(first.pk) not in answer.content.decode()
    since, etag = state(page(carol))
    carol.post(f"/triage/{first.pk}/step/", {"seen": "new", "state": "verified"})
    answer = carol.get("/triage/changes/", {"since": since}, headers={"If-None-Match": etag})
    assert answer.json() == {"new": 0, "count": 2}
    assert answer["ETag"] != etag


@pytest.mark.parametrize(
    "changes",
    [{"urgency": "now"}, {"kinds": ["tent"]}, {"persons": 4}, {"place": DraftPlace(48.87, 2.36)}],
    ids=["urgency", "kinds", "people", "place"],
)
def test_a_correction_changes_the_state(cast: Cast, carol: Client, changes: dict[str, Any]) -> None:
    reported(urgency="later")
    need = reported(urgency="later")
    since, etag = state(page(carol))
    correcting.correct(ReportKind.NEED, need.pk, changes, By(cast.carol))
    answer = carol.get("/triage/changes/", {"since": since}, headers={"If-None-Match": etag})
    assert answer.json() == {"new": 0, "count": 2}
    since, etag = state(page(carol))  # page and poll compute the same state for a list with corrections
    assert carol.get("/triage/changes/", {"since": since}, headers={"If-None-Match": etag}).status_code == 304


def test_the_state_follows_the_filter(carol: Client) -> None:
    reported(kinds=["tent"])
    since, etag = state(page(carol, "?kinds=food"))
    reported(kinds=["tent"], hours_ago=0)
    ask = {"since": since, "kinds": "food"}
    assert carol.get("/triage/changes/", ask, headers={"If-None-Match": etag}).status_code == 304


@pytest.mark.parametrize("since", ["", "yesterday", "9999-99-99", "0001-01-01T00:00:00+15:00"])
def test_an_unreadable_time_counts_as_now(carol: Client, since: str) -> None:
    reported()
    assert carol.get("/triage/changes/", {"since": since}).json() == {"new": 0, "count": 1}


def test_others_learn_nothing_about_the_list(cast: Cast, signed_in: SignedIn, client: Client) -> None:
    reported()
    greta = signed_in(cast.greta)
    assert greta.get("/triage/changes/").status_code == 404
    assert greta.post("/triage/find/", {"words": "a"}).status_code == 404
    assert client.get("/triage/changes/").status_code == 302


# --- 5,000 needs -----------------------------------------------------------------------------------------------------


def test_five_thousand_needs_are_listed_with_few_queries(
    cast: Cast, carol: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    now = timezone.now()
    places = [grid.cell_of(48.85 + (step % 40) * 0.0005, 2.34 + (step // 40) * 0.001) for step in range(800)]
    Need.objects.bulk_create(
        Need(
            kinds=["food"], urgency=("now", "soon", "later")[each % 3], text=f"report {each} about food and warmth",
            at=now - timedelta(minutes=each), filed_at=now - timedelta(minutes=each), content_hash=str(each),
            cell=places[each % 800] if each % 50 else None,
        )
        for each in range(5000)
    )  # fmt: skip
    carol.get("/triage/")
    for query in ("", "?sort=newest&kinds=food"):
        with django_assert_max_num_queries(28):
            text = page(carol, query)
        assert tabs(text)["All"] == "5000"
        assert len(shown(text)) == 50
        data = cells(text)
        assert sum(row[1] for row in data["cells"]) + data["unplaced"] == 5000
        since, etag = state(text)
        ask = f"/triage/changes/{query or '?'}&since={since.replace('+', '%2B')}"
        with django_assert_max_num_queries(6):
            assert carol.get(ask, headers={"If-None-Match": etag}).status_code == 304


def test_a_shared_need_counts_in_its_tab_and_on_the_map(cast: Cast, city: City, signed_in: SignedIn) -> None:
    need = reported((48.87, 2.35))
    dispatches(cast.edith, city.sud)
    NeedSharing.objects.create(
        need=need, territory=city.sud, by=cast.carol, expires_at=timezone.now() + timedelta(hours=3)
    )
    text = page(signed_in(cast.edith))
    assert tabs(text)["Shared with my territories"] == "1"
    assert len(cells(text)["cells"]) == 1
