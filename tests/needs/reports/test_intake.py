"""The page, the phone queue and the API store the same report."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory
from django.utils import timezone

from needs.base.records.declarations import DraftPlace, EncounterDraft, NeedDraft
from needs.enums import Channel, NeedState
from needs.models import Encounter, Need
from needs.reports import intake
from needs.reports.intake import Sender
from solidarity.lib.database.idempotent_insert import InsertResult
from tests.needs.api.test_filing_api import met, send
from tests.needs.phone_queue.queue_cases import item, one
from tests.needs.reports.test_encounter_form import typed
from tests.support import Cast, SignedIn

pytestmark = pytest.mark.django_db

LEFT_OUT = {"id", "content_hash", "at", "filed_at", "channel"}


def filed_alike() -> list[dict[str, Any]]:
    """Return the stored encounters, without fields that differ in each report."""
    rows = Encounter.objects.order_by("filed_at").values()
    return [{name: value for name, value in row.items() if name not in LEFT_OUT} for row in rows]


def test_page_phone_queue_and_api_store_the_same_encounter(cast: Cast, signed_in: SignedIn) -> None:
    bob = signed_in(cast.bob)
    form = typed()
    assert bob.post("/encounters/new/", form).status_code == 302
    assert one(bob, cast.bob, item("encounter", form))["status"] == 201
    body = met(
        persons=3, contacts=2, asked=["food", "blanket"], given=["food"], minutes=15, note="two are new here",
        consent=True, place_text="under the bridge",
    )  # fmt: skip
    assert send(bob, "/api/v1/encounters/", body).status_code == 201
    page, phone, api = filed_alike()
    assert page == phone == api


def test_an_old_encounter_comes_with_a_warning_and_a_conflict_without(cast: Cast) -> None:
    draft = EncounterDraft(at=timezone.now() - timedelta(days=61), place=DraftPlace(48.866, 2.35), persons=1)
    first = intake.file_encounter(draft, association=cast.maraude.pk, author=cast.bob.pk)
    assert (first.stored, len(first.warnings)) == (InsertResult.NEW, 1)
    other = EncounterDraft(id=draft.id, at=draft.at, place=draft.place, persons=2)
    conflict = intake.file_encounter(other, association=cast.maraude.pk, author=cast.bob.pk)
    assert (conflict.stored, conflict.warnings) == (InsertResult.CONFLICT, ())


def needed() -> NeedDraft:
    return NeedDraft(at=timezone.now(), place=DraftPlace(48.866, 2.35), kinds=["food"])


def test_a_need_has_the_source_of_its_sender_and_never_their_account_name(cast: Cast) -> None:
    with_account = intake.file_need(needed(), Sender(cast.alice, "device", "net"))
    without = intake.file_need(needed(), Sender(None, "device", "net"), channel=Channel.API)
    mine, theirs = Need.objects.get(pk=with_account.id), Need.objects.get(pk=without.id)
    assert (mine.author, mine.with_account) == (cast.alice, True)
    assert (theirs.author, theirs.with_account, theirs.channel) == (None, False, Channel.API)
    assert mine.source != theirs.source
    assert len(mine.source) == 32


def test_needs_past_the_limit_wait_for_a_moderator_but_not_those_of_members(cast: Cast) -> None:
    for _each in range(12):
        last = intake.file_need(needed(), Sender(None, "device", "net"))
    assert Need.objects.get(pk=last.id).state == NeedState.HELD
    for _each in range(12):
        last = intake.file_need(needed(), Sender(cast.bob, "device", "net"))
    assert Need.objects.get(pk=last.id).state == NeedState.NEW


def test_the_same_need_sent_twice_is_one_need_even_with_another_time(cast: Cast) -> None:
    first = needed()
    again = NeedDraft(id=first.id, at=timezone.now(), place=first.place, kinds=["food"])
    sender = Sender(None, "device", "net")
    assert intake.file_need(first, sender).stored is InsertResult.NEW
    assert intake.file_need(again, sender).stored is InsertResult.SAME
    assert Need.objects.count() == 1


def test_the_sender_of_a_request_is_its_account_or_its_device(rf: RequestFactory, cast: Cast, client: Client) -> None:
    request = rf.get("/", REMOTE_ADDR="192.0.2.7")
    request.user = AnonymousUser()
    anonymous = intake.sender_of(request, "device")
    assert (anonymous.user, anonymous.source, anonymous.network) == (None, "device", "192.0.2.0/24")
    request.user = cast.bob
    member = intake.sender_of(request)
    assert (member.user, member.trusted) == (cast.bob, True)
    assert uuid.UUID(member.device)
