"""Duplicate needs: how they are found, merged, separated again and marked as different."""

import threading
import uuid

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from mapping.coverage.folding import fold, reconciliation
from mapping.models import CellState
from needs.base.lifecycle import transitions
from needs.base.lifecycle.transitions import Actor, Cause
from needs.enums import NeedState
from needs.help.commitments import ending, taking
from needs.help.triage import duplicates
from needs.help.triage.duplicates import MergeRefusal, MergeRefused, Near
from needs.models import Merge, Need, NotDuplicate
from tests.needs.triage.triage_cases import GARE, reported
from tests.support import Cast, City, SignedIn
from volunteers.models import User

FAR = (48.8560, 2.3350)
METRES_120 = (48.86708, 2.3500)


def found(need: Need) -> list[uuid.UUID]:
    return [candidate.need.pk for candidate in duplicates.candidates(need, Need.objects.all())]


def test_the_most_similar_need_is_the_first_candidate(city: City) -> None:
    need = reported(kinds=["blanket", "food"], text="an old man without a blanket in front of the station")
    twin = reported(METRES_120, kinds=["blanket"], text="old man in front of the station, no blanket", hours_ago=3)
    cousin = reported(METRES_120, kinds=["food"], text="a family asks for soup", hours_ago=50)
    reported(FAR, kinds=["blanket"], text="an old man without a blanket in front of the station")
    reported(kinds=["blanket"], hours_ago=24 * 4)
    reported(kinds=["pet"])
    first, second = duplicates.candidates(need, Need.objects.all())
    assert [first.need.pk, second.need.pk] == [twin.pk, cousin.pk]
    like = first.similarity
    assert like.near is Near.POINT
    assert like.metres == pytest.approx(120, abs=5)
    assert like.kinds == ("blanket",) and like.of == 2
    assert like.hours_apart == 2
    assert like.words is not None and like.words > 0.5
    assert first.similarity.score > second.similarity.score + 0.2


def test_without_points_same_and_neighbouring_cells_count(city: City) -> None:
    need, same, beside = reported(), reported(), reported((48.8680, 2.3500))
    Need.objects.update(point=None)
    need.refresh_from_db()
    near = {
        candidate.need.pk: candidate.similarity.near for candidate in duplicates.candidates(need, Need.objects.all())
    }
    assert near == {same.pk: Near.CELL, beside.pk: Near.NEXT}


def test_without_a_point_place_descriptions_are_compared(city: City) -> None:
    need = reported(None, place_text="under the bridge Saint-Ange")
    same = reported(None, place_text="bridge Saint-Ange, under it")
    reported(None, place_text="at the swimming pool")
    assert found(need) == [same.pk]
    assert found(reported(None)) == []


def test_a_similarity_that_rests_on_the_place_alone_says_so(cast: Cast, signed_in: SignedIn) -> None:
    """Needs that are not listed as duplicates can be compared too. If one has no place, the page does not call them
    near."""
    need = reported(text="two men without blankets", place_text="by the canal")
    silent = reported()
    same = reported(text="two men, no blankets")
    unlike = reported(text="hungry family")
    nowhere = reported(None)
    far = reported((48.8740, 2.3300))
    wordy = reported(None, place_text="by the canal")
    carol = signed_in(cast.carol)

    def compared(other: Need) -> str:
        return str(carol.get(f"/triage/{need.pk}/duplicates/{other.pk}/").content.decode())

    assert "Only their places match: at least one report has no text" in compared(silent)
    assert "Only their places match: the texts are not alike" in compared(unlike)
    assert "place alone" not in compared(same)
    assert "no place to compare" in compared(nowhere)
    assert "similar descriptions of the place" in compared(wordy)
    assert "place alone" not in compared(nowhere)
    found = duplicates.compare_needs(
        Need.objects.get(pk=need.pk), duplicates.with_comparison(need, Need.objects.all()).get(pk=far.pk)
    )
    assert (found.near, found.rests_on_place) == (Near.POINT, False)


def test_different_merged_or_rejected_needs_are_not_candidates(cast: Cast) -> None:
    need, other, third = reported(), reported(), reported(state=NeedState.REJECTED)
    assert third.pk not in found(need)
    duplicates.mark_different(need.pk, other.pk, cast.carol)
    duplicates.mark_different(other.pk, need.pk, cast.carol)
    assert NotDuplicate.objects.count() == 1
    assert found(need) == [] and found(other) == []


def test_candidates_need_two_queries(cast: Cast, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    need = reported(text="blanket please")
    for each in range(20):
        reported(text=f"blanket {each}")
    with django_assert_num_queries(2):
        assert len(duplicates.candidates(need, Need.objects.all())) == duplicates.MAX_SHOWN


# --- merging and its undo -----------------------------------------------------------------------------------------


def state_of(need: Need) -> tuple[str, list[str]]:
    need.refresh_from_db()
    return need.state, need.kinds


@pytest.mark.parametrize("before", [NeedState.NEW, NeedState.VERIFIED, NeedState.OPEN, NeedState.REOPENED])
def test_undoing_a_merge_restores_both_needs(cast: Cast, before: NeedState) -> None:
    kept, gone = reported(kinds=["food"]), reported(FAR, kinds=["tent", "food"], state=before)
    fold.fold_outbox()
    evidence = list(CellState.objects.order_by("cell").values_list("cell", "ac"))
    merge = duplicates.merge(kept.pk, gone.pk, cast.carol)
    assert state_of(kept) == ("new", ["food", "tent"])
    assert state_of(gone) == ("duplicate", ["tent", "food"])
    fold.fold_outbox()
    assert list(CellState.objects.order_by("cell").values_list("cell", "ac")) != evidence
    duplicates.undo_merge(merge.pk, cast.carol)
    assert state_of(kept) == ("new", ["food"])
    assert state_of(gone) == (before, ["tent", "food"])
    fold.fold_outbox()
    after = list(CellState.objects.order_by("cell").values_list("cell", "ac"))
    assert [cell for cell, _ac in after] == [cell for cell, _ac in evidence]
    assert [ac for _cell, ac in after] == pytest.approx([ac for _cell, ac in evidence], abs=1e-6)
    difference = reconciliation.reconcile().difference
    assert difference is not None and difference < 1e-9


def test_kinds_of_other_merged_needs_stay(cast: Cast) -> None:
    kept = reported(kinds=["food"])
    first = duplicates.merge(kept.pk, reported(kinds=["tent", "water"]).pk, cast.carol)
    second = duplicates.merge(kept.pk, reported(kinds=["tent"]).pk, cast.carol)
    assert state_of(kept)[1] == ["food", "tent", "water"]
    duplicates.undo_merge(first.pk, cast.carol)
    assert state_of(kept)[1] == ["food", "tent"]
    duplicates.undo_merge(second.pk, cast.carol)
    assert state_of(kept)[1] == ["food"]


def refused(kept: Need, gone: Need, by: User) -> MergeRefusal:
    before = state_of(kept), state_of(gone)
    with pytest.raises(MergeRefused) as why:
        duplicates.merge(kept.pk, gone.pk, by)
    assert (state_of(kept), state_of(gone)) == before
    assert str(why.value.words)
    return why.value.refusal


def test_a_need_is_not_merged_into_a_merged_one(cast: Cast) -> None:
    one, two, three = reported(), reported(), reported()
    duplicates.merge(one.pk, two.pk, cast.carol)
    assert refused(two, three, cast.carol) is MergeRefusal.KEPT_MERGED
    assert refused(one, two, cast.carol) is MergeRefusal.ILLEGAL
    assert refused(one, one, cast.carol) is MergeRefusal.SAME


@pytest.mark.parametrize("state", [NeedState.HELD, NeedState.MET, NeedState.REJECTED, NeedState.EXPIRED])
def test_a_need_is_not_merged_into_a_closed_or_held_one(cast: Cast, state: NeedState) -> None:
    assert refused(reported(state=state), reported(), cast.carol) is MergeRefusal.KEPT_CLOSED
    assert refused(reported(), reported(state=state), cast.carol) is MergeRefusal.ILLEGAL


def test_a_taken_need_cannot_be_merged_into_another(cast: Cast) -> None:
    taken, other = reported(state=NeedState.OPEN), reported(kinds=["tent"])
    taking.take(taken.pk, cast.alice)
    assert refused(other, taken, cast.carol) is MergeRefusal.TAKEN
    duplicates.merge(taken.pk, other.pk, cast.carol)
    assert state_of(taken) == ("committed", ["food", "tent"])


def test_a_merge_is_not_undone_while_added_kinds_are_held(cast: Cast) -> None:
    kept, gone = reported(state=NeedState.OPEN), reported(kinds=["tent"])
    merge = duplicates.merge(kept.pk, gone.pk, cast.carol)
    held = taking.take(kept.pk, cast.alice, kinds=["tent"])
    with pytest.raises(MergeRefused) as why:
        duplicates.undo_merge(merge.pk, cast.carol)
    assert why.value.refusal is MergeRefusal.COMMITTED
    assert state_of(gone)[0] == "duplicate"
    ending.withdraw(held.pk, cast.alice, "too_far")
    duplicates.undo_merge(merge.pk, cast.carol)
    assert state_of(kept) == ("open", ["food"])


def test_nested_merges_are_undone_from_the_outside(cast: Cast) -> None:
    one, two, three = reported(), reported(kinds=["tent"]), reported(kinds=["water"])
    inner = duplicates.merge(two.pk, three.pk, cast.carol)
    outer = duplicates.merge(one.pk, two.pk, cast.carol)
    assert state_of(one)[1] == ["food", "tent", "water"]
    with pytest.raises(MergeRefused):
        duplicates.undo_merge(inner.pk, cast.carol)
    duplicates.undo_merge(outer.pk, cast.carol)
    duplicates.undo_merge(inner.pk, cast.carol)
    assert [state_of(need) for need in (one, two, three)] == [("new", ["food"]), ("new", ["tent"]), ("new", ["water"])]
    with pytest.raises(MergeRefused) as why:
        duplicates.undo_merge(inner.pk, cast.carol)
    assert why.value.refusal is MergeRefusal.UNDONE


@pytest.mark.django_db(transaction=True)
def test_of_two_simultaneous_opposite_merges_one_wins(cast: Cast) -> None:
    one, two = reported(), reported()
    said: list[str] = []
    barrier = threading.Barrier(2)

    def try_it(kept: Need, gone: Need) -> None:
        barrier.wait()
        try:
            duplicates.merge(kept.pk, gone.pk, cast.carol)
            said.append("merged")
        except MergeRefused as why:
            said.append(why.refusal.value)
        finally:
            connection.close()

    threads = [threading.Thread(target=try_it, args=pair) for pair in ((one, two), (two, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["kept_merged", "merged"]
    assert Merge.objects.count() == 1


# --- the pages ----------------------------------------------------------------------------------------------------


def test_the_pages_show_reasons_and_merge_undo_and_mark_as_different(cast: Cast, signed_in: SignedIn) -> None:
    carol = signed_in(cast.carol)
    need, other = reported(text="soup for two"), reported(METRES_120, text="two ask for soup", kinds=["food", "water"])
    page = carol.get(f"/triage/{need.pk}/").content.decode()
    assert f"/triage/{need.pk}/duplicates/{other.pk}/" in page and "about 120 m apart" in page
    sides = carol.get(f"/triage/{need.pk}/duplicates/{other.pk}/").content.decode()
    assert "soup for two" in sides and "two ask for soup" in sides
    page = carol.post(f"/triage/{need.pk}/duplicates/{other.pk}/merge/", follow=True).content.decode()
    assert "Carol merged another need into this one" in page
    merge = Merge.objects.get()
    carol.post(f"/triage/merges/{merge.pk}/undo/")
    assert state_of(other)[0] == "new"
    carol.post(f"/triage/{need.pk}/duplicates/{other.pk}/apart/")
    assert f"/duplicates/{other.pk}/" not in carol.get(f"/triage/{need.pk}/").content.decode()


def test_duplicate_pages_are_for_dispatchers_only(cast: Cast, signed_in: SignedIn) -> None:
    need, other = reported(), reported(GARE)
    bob = signed_in(cast.bob)
    assert bob.get(f"/triage/{need.pk}/duplicates/{other.pk}/").status_code == 404
    for address in ("merge", "apart"):
        assert bob.post(f"/triage/{need.pk}/duplicates/{other.pk}/{address}/").status_code == 404
    merge = duplicates.merge(need.pk, other.pk, cast.carol)
    assert bob.post(f"/triage/merges/{merge.pk}/undo/").status_code == 404
    transitions.move(need.pk, NeedState.OPEN, Cause(Actor.DISPATCHER))
    assert state_of(other)[0] == "duplicate"
