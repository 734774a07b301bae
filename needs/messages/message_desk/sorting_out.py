"""Actions of a dispatcher on unclear messages: file a need, attach them to a need, ask, put aside, hand over.

Each step locks the dialogue first, so that two dispatchers never answer twice. ``seen`` is the number of messages that
the dispatcher's page showed: if another message has come in since then, nothing is done until the dispatcher has read
it.
"""

import uuid
from collections.abc import Mapping
from enum import Enum
from functools import partial
from typing import ClassVar

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from needs.base.dispatch_scope import scope
from needs.base.records.declarations import NeedDraft
from needs.base.retention_rules import pseudonyms
from needs.enums import UNFINISHED_STATES, NeedState, OutcomeReason
from needs.help.phone_intake import phone_calls
from needs.messages.channels import outgoing_messages
from needs.messages.channels.models import DialogueStep
from needs.messages.dialogue import dialogue_filing, handing_over
from needs.messages.message_desk import desk_holds
from needs.messages.message_desk.ready_questions import thanks_for
from needs.models import Dialogue, Need, NeedQuerySet, OutboundMessage
from needs.reports import intake
from solidarity.lib.database.idempotent_insert import InsertResult
from solidarity.lib.refused_for import RefusedFor
from solidarity.lib.site.emergency_gate import Danger
from volunteers.enums import Medium, Topic
from volunteers.models import Territory, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb
from volunteers.people.notifications.notifying import Message, notify
from volunteers.places.territories import duties

PUT_ASIDE = (
    OutcomeReason.NOT_A_NEED, OutcomeReason.JUNK, OutcomeReason.ABOUT_A_PERSON, OutcomeReason.SOLVED_ITSELF,
    OutcomeReason.UNREACHABLE, OutcomeReason.OTHER,
)  # fmt: skip
"""Reasons why messages are not filed."""


class DeskRefusal(Enum):
    """Reasons why nothing was done. DONE: somebody has already dealt with the dialogue. HELD: another dispatcher works
    on the dialogue.

    NEWER: another message came in. STOPPED: the person wants no messages. SENT_BEFORE: another report has this id.
    """

    DONE = "done"
    HELD = "held"
    NEWER = "newer"
    STOPPED = "stopped"
    SENT_BEFORE = "sent before"


class DeskRefused(RefusedFor[DeskRefusal]):
    """A refused step; nothing was changed."""

    sentences: ClassVar[Mapping[Enum, str | Promise]] = {
        DeskRefusal.DONE: gettext_lazy("These messages have been sorted in the meantime."),
        DeskRefusal.HELD: gettext_lazy("Somebody else works on these messages. Take them over first."),
        DeskRefusal.NEWER: gettext_lazy("Another message has come in. Read it, then send again what you entered."),
        DeskRefusal.STOPPED: gettext_lazy(
            "This person wrote STOP: we send them no messages. Show the contact and call."
        ),
        DeskRefusal.SENT_BEFORE: gettext_lazy("Another report was already sent under this number. Save again."),
    }


def file_need(
    dialogue: uuid.UUID, draft: NeedDraft, gate: Danger | None, ending: NeedState, viewer: Viewer, *, seen: int,
    district: Territory | None = None,
) -> Need:  # fmt: skip
    """File the need that the messages report, with the person's number as its contact, and thank them.

    Raise DeskRefused: DONE, HELD, NEWER, SENT_BEFORE.
    """
    by = viewer.user_or_404
    with transaction.atomic():
        row = _locked(dialogue, by, seen)
        caller = dialogue_filing.address_of(row.correspondent) or str(row.pk)
        channel = dialogue_filing.CHANNELS[Medium(row.correspondent.medium)]
        filed = intake.file_call(draft, gate, caller=caller, channel=channel)
        if filed.stored is not InsertResult.NEW:
            raise DeskRefused(DeskRefusal.SENT_BEFORE)
        need = Need.objects.get(pk=filed.id)
        phone_calls.settle(need, ending, viewer, district=district)
        _belongs_to(row, need, by)
        _record(by, row, "filed")
    return need


def attach(dialogue: uuid.UUID, need: Need, by: User, *, seen: int) -> None:
    """Attach the messages to an open need of the same person. Raise DeskRefused: DONE, HELD, NEWER."""
    with transaction.atomic():
        row = _locked(dialogue, by, seen)
        _belongs_to(row, need, by)
        _record(by, row, "attached")


def put_aside(dialogue: uuid.UUID, reason: str, by: User, *, seen: int) -> None:
    """Close a dialogue that reports no need. reason: the reason, one of PUT_ASIDE. Raise DeskRefused: DONE, HELD,
    NEWER."""
    with transaction.atomic():
        row = _locked(dialogue, by, seen)
        handing_over.close(row)
        _record(by, row, "put_aside", reason=reason)


def hand_over(dialogue: uuid.UUID, territory: Territory, by: User, *, seen: int) -> None:
    """Hand a dialogue to the dispatchers of another territory. Raise DeskRefused: DONE, HELD, NEWER."""
    with transaction.atomic():
        row = _locked(dialogue, by, seen)
        row.territory, row.taken_by, row.taken_at = territory, None, None
        row.save(update_fields=["territory", "taken_by", "taken_at"])
        others = duties.territory_dispatchers(territory).exclude(pk=by.pk)
        key = f"messages-handed:{row.pk}:{timezone.now().timestamp():.6f}"
        notify(others, Topic.DESK, key, partial(_handed, row))
        _record(by, row, "handed_over")


def answer(dialogue: uuid.UUID, text: str, by: User, *, seen: int) -> OutboundMessage:
    """Send a question or an answer by the same medium as the messages. Raise DeskRefused: DONE, HELD, NEWER,
    STOPPED."""
    with transaction.atomic():
        row = _locked(dialogue, by, seen, also_filed=True)
        last = row.received.order_by("-received_at", "-pk").first()
        sent = outgoing_messages.write(row.correspondent, text, dialogue=row, answers=last, by=by)
        if sent is None:
            raise DeskRefused(DeskRefusal.STOPPED)
        _record(by, row, "answered")
    return sent


def reveal_address(dialogue: Dialogue, by: User) -> str | None:
    """Return the person's number or e-mail address, and log the access without it. Return None if it was encrypted with
    another key."""
    recording.record(
        by, Verb.CONTACT_SHOWN, "dialogue", dialogue.pk, purpose=Purpose.SORTING, scope=_scope_of(dialogue)
    )
    return dialogue_filing.address_of(dialogue.correspondent) or None


def open_needs_of(dialogue: Dialogue, viewer: Viewer) -> NeedQuerySet:
    """Return the unfinished needs of the same person, among the needs that the viewer works on."""
    known_address = dialogue_filing.address_of(dialogue.correspondent)
    device = dialogue_filing.sender_of(dialogue.correspondent).source
    sources = [pseudonyms.pseudonym(device, timezone.now())] if known_address else []
    known = scope.needs_for(viewer).live().filter(state__in=UNFINISHED_STATES)
    same = known.filter(dialogues__correspondent=dialogue.correspondent) | known.filter(source__in=sources)
    return same.distinct().order_by("-filed_at")


def _locked(dialogue: uuid.UUID, by: User, seen: int, *, also_filed: bool = False) -> Dialogue:
    """Lock a dialogue that the caller looked up for this dispatcher. also_filed: if True, accept a dialogue from which
    a need was already filed."""
    row = Dialogue.objects.select_for_update(of=("self",)).select_related("correspondent", "territory").get(pk=dialogue)
    waits = row.step == DialogueStep.DESK or (also_filed and row.need_id is not None)
    if row.closed_at is not None or not waits:
        raise DeskRefused(DeskRefusal.DONE)
    if desk_holds.held_by_other(row, by, timezone.now()):
        raise DeskRefused(DeskRefusal.HELD)
    if row.received.count() != seen:
        raise DeskRefused(DeskRefusal.NEWER)
    return row


def _belongs_to(row: Dialogue, need: Need, by: User) -> None:
    row.need, row.step, row.taken_by, row.taken_at = need, DialogueStep.DONE, None, None
    row.save(update_fields=["need", "step", "taken_by", "taken_at"])
    dialogue_filing.follow(row.correspondent, need.pk)
    outgoing_messages.write(row.correspondent, thanks_for(row.correspondent), dialogue=row, by=by)


def _handed(row: Dialogue) -> Message:
    return Message(
        title=_("Messages for your territory"),
        body=_("A dispatcher handed over messages that nobody has sorted yet."),
        path=reverse("needs:desk_messages", args=[row.pk]),
    )


def _record(by: User, row: Dialogue, outcome: str, **details: str) -> None:
    recording.record(
        by, Verb.MESSAGES_SORTED, "dialogue", row.pk, purpose=Purpose.SORTING, scope=_scope_of(row),
        details={"outcome": outcome, **details},
    )  # fmt: skip


def _scope_of(row: Dialogue) -> str:
    return row.territory.slug if row.territory else ""
