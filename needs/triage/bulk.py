"""The same step for many needs: each on its own, each result said."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from django.db.models import TextChoices
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from needs.enums import NeedState
from needs.models import Commitment
from needs.triage import lifecycle
from needs.triage.lifecycle import Actor, Cause, NotPossible
from volunteers.enums import Topic
from volunteers.models import User
from volunteers.notifications import notifying

MOST = 200


class BulkAction(TextChoices):
    """What can be done with many needs at once."""

    VERIFY = "verify", _("Verify")
    OPEN = "open", _("Open to volunteers")
    REJECT = "reject", _("Reject")
    EXPIRE = "expire", _("Close as too old")
    REMIND = "remind", _("Remind who takes care of it")


_STEPS: dict[str, NeedState] = {
    BulkAction.VERIFY: NeedState.VERIFIED,
    BulkAction.OPEN: NeedState.OPEN,
    BulkAction.REJECT: NeedState.REJECTED,
    BulkAction.EXPIRE: NeedState.EXPIRED,
}
NOBODY: str | Promise = _("Nobody takes care of it, so there is nobody to remind.")
TOLD: str | Promise = _("Whoever takes care of it was reminded today, or does not want such messages.")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A need that was selected. state: as the dispatcher saw it."""

    need: uuid.UUID
    state: str

    @classmethod
    def read(cls, text: str) -> "Chosen":
        """From "<key>:<state>"; raises ValueError."""
        key, _colon, state = text.partition(":")
        return cls(uuid.UUID(key), NeedState(state))


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one. failure: empty when it was done."""

    need: uuid.UUID
    failure: str | Promise = ""


def apply(action: str, chosen: Iterable[Chosen], by: User, *, reason: str = "", text: str = "") -> list[Result]:
    """Do the same with many needs, each in a transaction of its own; what fails keeps nothing else from being done."""
    one: Callable[[Chosen], Result] = _remind
    if action != BulkAction.REMIND:
        after = _STEPS[action]
        one = partial(_step, after=after, cause=Cause(Actor.DISPATCHER, by.pk, reason_of(after, reason), text))
    return [one(pick) for pick in list(chosen)[:MOST]]


def reason_of(after: NeedState, given: str) -> str:
    """The reason of a step: none where it takes none, the only one where there is one, else the one given."""
    possible = lifecycle.REASONS.get(after, ())
    return given if len(possible) > 1 else "".join(possible)


def _step(pick: Chosen, after: NeedState, cause: Cause) -> Result:
    try:
        lifecycle.move(pick.need, after, cause, expected=pick.state)
    except NotPossible as refused:
        return Result(pick.need, refused.words)
    return Result(pick.need)


def _remind(pick: Chosen) -> Result:
    held = list(Commitment.objects.running(timezone.now()).filter(need=pick.need).select_related("volunteer"))
    if not held:
        return Result(pick.need, NOBODY)
    today = timezone.localdate()
    written = sum(
        notifying.notify([own.volunteer], Topic.COMMITMENT, f"asked:{own.pk}:{today:%Y%m%d}", partial(_asked, own.pk))
        for own in held
    )
    return Result(pick.need, "" if written else TOLD)


def _asked(commitment: uuid.UUID) -> notifying.Message:
    return notifying.Message(
        gettext("How is it going?"),
        gettext(
            "A dispatcher asks how the need that you take care of stands. Say so on its page: done, more time, or back."
        ),
        reverse("needs:commitment", args=[commitment]),
    )
