"""Undo of a removal restores everything exactly. Only the person who acted can undo it, and only for a minute."""

import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest import MonkeyPatch

from mapping.coverage.folding.fold import fold_outbox
from mapping.models import Evidence, MonthlyNeed
from mapping.plans.recurring_needs import monthly_counts
from needs.base.records.declarations import DraftPlace, NeedDraft
from needs.base.undo import undoing
from needs.enums import NeedState
from needs.help.commitments import taking
from needs.help.matching import proposals
from needs.help.triage import reporter_answers
from needs.models import Crisis, Encounter, Merge, Need, NeedStep, PlannedTour, Proposal, Retraction, Seat
from needs.reports import filing
from needs.tours import planning
from needs.tours.tour_seats import seats
from solidarity.lib import grid
from solidarity.lib.http import undo_offers
from tests import filing_verbs
from tests.needs.crises.crisis_cases import opened
from tests.needs.matching.matching_cases import need_at, offers
from tests.support import Cast, City, Seen, SignedIn, dispatches
from volunteers.models import Notification
from volunteers.people.notifications import sending
from volunteers.site.web_app import app_shell


def token_on(page: Any) -> str:
    """Return the token that a page offers. The page shows the form of exactly one offer."""
    [token] = re.findall(r'name="undo"\s+value="([^"]+)"', unescape(page.content.decode()))
    return str(token)


def acted(client: Client, path: str, **fields: str) -> tuple[Any, str]:
    """Post an action; return the next page and its token."""
    page = client.post(path, fields, follow=True)
    return page, token_on(page)


def undo(client: Client, token: str) -> Any:
    return client.post(reverse("needs:undo"), {"undo": token}, follow=True)


def need_in(state: str = "open") -> Need:
    """File a need in a state."""
    draft = NeedDraft(at=timezone.now(), place=DraftPlace(48.866, 2.35), kinds=["food"], urgency="now")
    filing_verbs.report_need(draft, state=state)
    return Need.objects.get(pk=draft.id)


def evidence() -> list[tuple[Any, ...]]:
    """Return all folded evidence in full precision."""
    columns = ("kind", "report", "cell", "day", "source", "origin", "persons", "hours", "contacts")
    return sorted(Evidence.objects.values_list(*columns))


def test_an_encounter_taken_back_and_restored_leaves_the_same_evidence_and_no_trace(
    seen: Seen, cast: Cast, signed_in: SignedIn
) -> None:
    filed = seen(asked=["food"], given=["food"])
    fold_outbox()
    before = evidence()
    bob = signed_in(cast.bob)
    page, token = acted(bob, reverse("needs:take_back", args=[filed.id]))
    assert "It no longer counts" in page.content.decode()
    fold_outbox()
    assert evidence() != before
    assert "counts again" in undo(bob, token).content.decode()
    fold_outbox()
    assert evidence() == before
    assert not Retraction.objects.exists()
    assert Encounter.objects.get(pk=filed.id).retracted_at is None
    assert "cannot be undone" in undo(bob, token).content.decode()  # a second tap


def test_an_encounter_of_a_tour_counts_in_its_tour_again(seen: Seen, cast: Cast, signed_in: SignedIn) -> None:
    tour = filing.start_tour(association=cast.maraude.pk, author=cast.bob.pk, at=timezone.now() - timedelta(hours=1))
    filed = seen(tour=tour.id)
    fold_outbox()
    before = evidence()
    bob = signed_in(cast.bob)
    page, token = acted(bob, reverse("needs:take_back", args=[filed.id]))
    assert page.redirect_chain[-1][0] == reverse("needs:tour", args=[tour.id])
    fold_outbox()
    undo(bob, token)
    fold_outbox()
    assert evidence() == before


def test_the_monthly_counts_are_as_before(seen: Seen, cast: Cast, signed_in: SignedIn) -> None:
    """This includes the counts of a closed month, which are never computed again."""
    filed = seen(asked=["food"])
    monthly_counts.count_months()
    [count] = MonthlyNeed.objects.values_list("count", flat=True)
    long_ago = timezone.now() - timedelta(days=100)
    Encounter.objects.update(at=long_ago)
    MonthlyNeed.objects.update(month=monthly_counts.month_of(timezone.localtime(long_ago).date()))
    bob = signed_in(cast.bob)
    _page, token = acted(bob, reverse("needs:take_back", args=[filed.id]))
    assert not MonthlyNeed.objects.exists()
    undo(bob, token)
    assert MonthlyNeed.objects.get().count == count


def test_nobody_else_can_use_the_token_and_nobody_can_forge_one(seen: Seen, cast: Cast, signed_in: SignedIn) -> None:
    filed = seen()
    _page, token = acted(signed_in(cast.bob), reverse("needs:take_back", args=[filed.id]))
    retraction = Retraction.objects.get()
    forged = signing.dumps([cast.carol.pk, "take-back", str(retraction.pk)], salt="solidarity.undo", key="guess")
    for client, tried in (
        (signed_in(cast.carol), token),
        (signed_in(cast.carol), forged),
        (signed_in(cast.carol), ""),
        (Client(), token),
    ):
        client.post(reverse("needs:undo"), {"undo": tried})
        assert Encounter.objects.get(pk=filed.id).retracted_at is not None
    assert signed_in(cast.bob).get(reverse("needs:undo")).status_code == 405


@pytest.mark.parametrize("action", undoing.actions())
def test_a_token_of_somebody_else_is_refused_for_each_action(
    action: str, cast: Cast, signed_in: SignedIn, monkeypatch: MonkeyPatch
) -> None:
    reached: list[tuple[object, ...]] = []
    monkeypatch.setattr(undoing, "undo", lambda *what: reached.append(what))
    token = signing.dumps([cast.carol.pk, action, "1"], salt=undo_offers._SALT)
    for person in (cast.bob, cast.diane, cast.edith):
        assert (
            "too late" in signed_in(person).post(reverse("needs:undo"), {"undo": token}, follow=True).content.decode()
        )
    assert reached == []


def test_a_token_signed_for_an_outsider_changes_no_step_of_a_need(cast: Cast, city: City, signed_in: SignedIn) -> None:
    """A token that outlived the person's duty, or that a leaked key has signed for them."""
    dispatches(cast.carol, city.nord)
    need = need_in("verified")
    fields = {"state": "met", "seen": "verified", "reason": "helped"}
    acted(signed_in(cast.carol), reverse("needs:triage_step", args=[need.pk]), **fields)
    step = NeedStep.objects.filter(need=need).latest("pk")
    for person in (cast.alice, cast.edith, cast.bob):
        for action in ("step", "steps"):
            token = signing.dumps([person.pk, action, str(step.pk)], salt=undo_offers._SALT)
            signed_in(person).post(reverse("needs:undo"), {"undo": token})
    need.refresh_from_db()
    assert need.state == NeedState.MET


def test_an_old_token_is_refused(seen: Seen, cast: Cast, signed_in: SignedIn, monkeypatch: MonkeyPatch) -> None:
    filed = seen()
    bob = signed_in(cast.bob)
    _page, token = acted(bob, reverse("needs:take_back", args=[filed.id]))
    monkeypatch.setattr(undo_offers, "ACCEPTED_SECONDS", -1)
    assert "too late" in undo(bob, token).content.decode()
    for page, shown in (("/encounters/", "/encounters/"), ("https://elsewhere.example/", "/")):
        answer = bob.post(reverse("needs:undo"), {"undo": token, "next": page})
        assert answer.headers["Location"] == shown
    assert Retraction.objects.exists()


def test_the_phone_shows_an_offer_as_long_as_the_server() -> None:
    script = (app_shell.path_of("solidarity/undo/undo.js") or Path()).read_text()
    assert re.findall(r"const SECONDS = (\d+);", script) == [str(undo_offers.SHOWN_SECONDS)]


def test_who_left_the_association_cannot_undo_any_more(seen: Seen, cast: Cast, signed_in: SignedIn) -> None:
    filed = seen()
    bob = signed_in(cast.bob)
    _page, token = acted(bob, reverse("needs:take_back", args=[filed.id]))
    cast.bob.memberships.all().delete()
    undo(bob, token)
    assert Encounter.objects.get(pk=filed.id).retracted_at is not None


def test_a_closed_event_opens_again_with_its_end(cast: Cast, signed_in: SignedIn) -> None:
    crisis = opened(cast.diane, ends_at=timezone.now() + timedelta(days=3))
    diane = signed_in(cast.diane)
    page, token = acted(diane, reverse("mapping:crisis_close", args=[crisis.slug]))
    closed = Crisis.objects.get()
    assert closed.closed_by == cast.diane
    assert "closed by Diane" in page.content.decode()
    undo(diane, token)
    crisis.refresh_from_db()
    assert (crisis.closed_at, crisis.closed_by, crisis.ends_at) == (None, None, closed.ends_at)


def test_a_declined_proposal_can_be_answered_again(cast: Cast, signed_in: SignedIn) -> None:
    offers(cast.alice)
    [row] = proposals.propose(need_at(), [cast.alice], cast.carol)
    alice = signed_in(cast.alice)
    _page, token = acted(alice, reverse("needs:answer_proposal", args=[row.pk]), answer="no")
    page = undo(alice, token).content.decode()
    assert f"proposal-{row.pk}" in page
    assert Proposal.objects.get().answer == ""
    assert proposals.accept(row.pk, cast.alice).need == row.need


def test_a_rejected_need_gets_its_state_back_and_the_history_keeps_both_steps(cast: Cast, signed_in: SignedIn) -> None:
    need = need_in("verified")
    carol = signed_in(cast.carol)
    path = reverse("needs:triage_step", args=[need.pk])
    _page, token = acted(carol, path, state="rejected", seen="verified", reason="junk")
    assert "“verified” again" in undo(carol, token).content.decode()
    need.refresh_from_db()
    assert need.state == NeedState.VERIFIED
    assert list(need.steps.values_list("before", "state", "reason", "actor", "by"))[-2:] == [
        ("verified", "rejected", "junk", "dispatcher", cast.carol.pk),
        ("rejected", "verified", "mistake", "dispatcher", cast.carol.pk),
    ]


def test_a_closing_step_is_not_undone_after_somebody_else_acted(cast: Cast, signed_in: SignedIn) -> None:
    need = need_in("verified")
    carol = signed_in(cast.carol)
    path = reverse("needs:triage_step", args=[need.pk])
    _page, token = acted(carol, path, state="met", seen="verified", reason="helped")
    reporter_answers.report_still_needed(need.pk)
    assert "cannot be undone" in undo(carol, token).content.decode()
    need.refresh_from_db()
    assert need.state == NeedState.REOPENED


def test_a_step_that_ended_commitments_offers_no_undo(cast: Cast, signed_in: SignedIn) -> None:
    need = need_in()
    taking.take(need, cast.alice)
    path = reverse("needs:triage_step", args=[need.pk])
    fields = {"state": "met", "seen": "committed", "reason": "helped"}
    page = signed_in(cast.carol).post(path, fields, follow=True).content.decode()
    assert "Done. The need is now" in page
    assert 'name="undo"' not in page


def test_a_merge_is_undone_with_the_bar(cast: Cast, signed_in: SignedIn) -> None:
    kept, gone = need_in(), need_in("verified")
    carol = signed_in(cast.carol)
    _page, token = acted(carol, reverse("needs:triage_merge", args=[kept.pk, gone.pk]))
    undo(carol, token)
    gone.refresh_from_db()
    assert (gone.state, Merge.objects.get().undone_at is None) == ("verified", False)


def plan_with_a_seat(cast: Cast) -> PlannedTour:
    start = timezone.now() + timedelta(days=2)
    cells_of_plan = [grid.cell_of(48.866, 2.350)]
    draft = planning.PlanDraft(start=start, minutes=90, cells=cells_of_plan, seats=1, repeats=True)
    plan = planning.make_plan(draft, association=cast.maraude.pk, author=cast.bob.pk)
    seats.take_seat(plan.pk, cast.alice.pk)
    return plan


def test_a_cancelled_series_is_planned_as_before_and_those_who_were_told_are_told_of_it(
    cast: Cast, signed_in: SignedIn
) -> None:
    plan = plan_with_a_seat(cast)
    before = list(PlannedTour.objects.values_list("pk", "cancelled_at", "repeats"))
    bob = signed_in(cast.bob)
    _page, token = acted(bob, reverse("needs:cancel_plan", args=[plan.pk]), following="1")
    assert not PlannedTour.objects.filter(cancelled_at=None).exists()
    Notification.objects.filter(user=cast.alice).update(sent_at=timezone.now())
    undo(bob, token)
    assert list(PlannedTour.objects.values_list("pk", "cancelled_at", "repeats")) == before
    assert Seat.objects.get().volunteer == cast.alice
    titles = set(Notification.objects.filter(user=cast.alice).values_list("title", flat=True))
    assert titles == {"A tour that you joined is cancelled", "The tour takes place after all"}


def test_a_token_of_another_page_and_a_strange_address_to_go_back_to_are_refused(
    cast: Cast, signed_in: SignedIn
) -> None:
    bob = signed_in(cast.bob)
    foreign = signing.dumps([cast.bob.pk, "/overrides/withdraw/", "1"], salt="solidarity.undo")
    assert bob.post(reverse("needs:undo"), {"undo": foreign}).status_code == 404
    answer = bob.post(reverse("needs:undo"), {"undo": "x", "next": "foo"})
    assert answer.headers["Location"] == "/"


def test_cancelling_and_undoing_again_and_again_floods_nobody(cast: Cast, signed_in: SignedIn) -> None:
    plan, bob = plan_with_a_seat(cast), signed_in(cast.bob)
    for _each in range(5):
        _page, token = acted(bob, reverse("needs:cancel_plan", args=[plan.pk]))
        assert sending.send_waiting() == 0, "nothing is sent while it can be undone"
        undo(bob, token)
    assert not Notification.objects.filter(user=cast.alice).exists()
    acted(bob, reverse("needs:cancel_plan", args=[plan.pk]))
    [told] = Notification.objects.filter(user=cast.alice)
    assert told.title == "A tour that you joined is cancelled"
    assert told.not_before >= told.made_at + timedelta(seconds=undo_offers.ACCEPTED_SECONDS - 1)


def test_a_second_real_cancelling_is_told_again(cast: Cast, signed_in: SignedIn) -> None:
    plan, bob = plan_with_a_seat(cast), signed_in(cast.bob)
    for _each in range(2):
        _page, token = acted(bob, reverse("needs:cancel_plan", args=[plan.pk]))
        Notification.objects.filter(user=cast.alice).update(sent_at=timezone.now())
        undo(bob, token)
    assert Notification.objects.filter(user=cast.alice, title="A tour that you joined is cancelled").count() == 2
    assert Notification.objects.filter(user=cast.alice, title="The tour takes place after all").count() == 2
