"""The content of the follow page of a need: its present state, its steps, the commitments, and a digest of all this."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Max
from django.utils.translation import get_language

from needs.base.lifecycle import merge_chains
from needs.enums import Category, NeedState
from needs.help.commitments import commitment_presenter
from needs.help.commitments.commitment_presenter import ForReporter
from needs.help.following import qr_code, reporter_addresses
from needs.help.reporter_pages import place_correcting
from needs.help.reporter_pages.place_correcting import SentPlace
from needs.models import Commitment, Message, Need
from needs.reports.danger import alarm_receipts, alarms
from needs.reports.danger.alarm_receipts import AlarmReceipt
from needs.reports.need_wording import Step, plain_steps
from solidarity.lib.site.emergency_gate import Line, shelter_line
from volunteers.enums import Medium
from volunteers.people.notifications import push, sms


@dataclass(frozen=True, slots=True)
class Followed:
    """A need as its reporter sees it. goes_on: the need into which this need was merged, or this need itself.

    now: the latest step of ``goes_on``. care: the commitments of ``need``. The reporter of a merged need sees neither
    messages nor commitments of the other need, because a stranger could file a false duplicate to read them.
    """

    need: Need
    goes_on: Need
    steps: Sequence[Step]
    now: Step | None
    care: ForReporter
    alarm: AlarmReceipt | None
    place: SentPlace

    @property
    def place_correctable(self) -> bool:
        return place_correcting.may_correct(self.need)

    @property
    def merged(self) -> bool:
        return self.goes_on.pk != self.need.pk

    @property
    def open(self) -> bool:
        return self.need.retracted_at is None

    @property
    def held(self) -> bool:
        return self.need.state == NeedState.HELD and self.open

    @property
    def moderated(self) -> bool:
        """Whether a moderator reads the report first. The people on duty read an alarm at once."""
        return self.held and self.alarm is None

    @property
    def shelter(self) -> Line | None:
        """The number to call for a place to sleep, while one is needed."""
        needed = self.open and not self.goes_on.is_finished and Category.SHELTER in self.need.kinds
        return shelter_line() if needed else None

    @property
    def can_say_needed(self) -> bool:
        return NeedState.REJECTED not in (self.need.state, self.goes_on.state)


def followed(need: Need) -> Followed:
    """Return the context for the follow page of a need."""
    goes_on = merge_chains.target_of(need)
    alarm = alarm_receipts.receipt_of(need)
    steps = plain_steps(need.steps.all(), alarm=alarm is not None)
    latest = steps if goes_on.pk == need.pk else plain_steps(goes_on.steps.filter(by_reporter=False))
    return Followed(
        need, goes_on, steps, latest[-1] if latest else None, commitment_presenter.for_reporter(need),
        alarm, place_correcting.place_of(need),
    )  # fmt: skip


_SHOWN = (
    "pk", "state", "state_at", "retracted_at", "cell", "district_id", "place_text", "place_unknown",
    "first_opened_at", "kinds", "met_kinds", "urgency", "persons",
)  # fmt: skip
"""Fields of a need that the live part depends on. The words about its state depend on whether it has a cell."""


def version_of(need: Need) -> str:
    """Return a digest of everything that the live part of the page depends on, from five small queries."""
    goes_on = merge_chains.target_of(need)
    alarm = alarms.of_report(need.pk)
    facts: list[Any] = [
        get_language(),
        *(tuple(getattr(each, name) for name in _SHOWN) for each in (need, goes_on)),
        need.steps.aggregate(last=Max("pk")),
        goes_on.steps.aggregate(last=Max("pk")),
        list(
            Commitment.objects.filter(need=need)
            .order_by("pk")
            .values_list("pk", "state", "expires_at", "feedback__side")
        ),
        list(Message.objects.of_reporter(need.pk).values_list("pk", "passed_at")),
        alarm and (alarm.acknowledged_at, alarm.step, alarm.reporter_answer),
    ]
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:24]


def sharing(need: Need, link: str) -> dict[str, Any]:
    """Return the data with which the page shares the link and offers news: QR code, media, addresses."""
    side, path = qr_code.qr_path(link)
    return {
        "link": link,
        "qr_side": side,
        "qr_path": path,
        "by_text": sms.is_available(),
        "push_key": push.public_key(),
        "addresses": (own := reporter_addresses.shown(need.pk)),
        "browsers": " ".join(each.endpoint_hash for each in own if each.medium == Medium.PUSH),
    }
