"""The same step for many needs: each in its own transaction, each with its own result."""

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

from needs.base.lifecycle import transitions
from needs.base.lifecycle.transitions import Actor, Cause, NotPossible
from needs.enums import NeedState
from needs.models import Commitment, NeedQuerySet
from volunteers.enums import Topic
from volunteers.models import User
from volunteers.people.notifications import notifying

MAX_NEEDS = 200


class BulkAction(TextChoices):
    """An action on many needs at once."""

    VERIFY = "verify", _("Verify")
    OPEN = "open", _("Open to volunteers")
    REJECT = "reject", _("Reject")
    EXPIRE = "expire", _("Close as too old")
    REMIND = "remind", _("Remind the people who take care of it")


UNDOABLE = (BulkAction.REJECT, BulkAction.EXPIRE)
"""Actions that close needs and can be undone. They are impossible while somebody holds the need."""

_STEPS: dict[str, NeedState] = {
    BulkAction.VERIFY: NeedState.VERIFIED,
    BulkAction.OPEN: NeedState.OPEN,
    BulkAction.REJECT: NeedState.REJECTED,
    BulkAction.EXPIRE: NeedState.EXPIRED,
}
NOT_FOUND: str | Promise = _("This need was not found.")
NO_HOLDER: str | Promise = _("Nobody takes care of it, so there is nobody to remind.")
ALREADY_REMINDED: str | Promise = _(
    "The person who takes care of it was already reminded today, or has switched off such messages."
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A selected need. state: the state of the need when the dispatcher selected it."""

    need: uuid.UUID
    state: str

    @classmethod
    def read(cls, text: str) -> "Chosen":
        """Parse "<key>:<state>". Raises ValueError."""
        key, _colon, state = text.partition(":")
        return cls(uuid.UUID(key), NeedState(state))


@dataclass(frozen=True, slots=True)
class Result:
    """The result for one need. failure: the reason for a failure; empty on success. step: key of the step that was
    made."""

    need: uuid.UUID
    failure: str | Promise = ""
    step: int | None = None


def apply(
    action: str, chosen: Iterable[Chosen], among: NeedQuerySet, by: User, *, reason: str = "", text: str = ""
) -> list[Result]:
    """Apply an action to many needs, each in its own transaction; failures do not affect the others.

    among: the needs that the dispatcher works on; all others are reported as not found.
    """
    picks = list(chosen)[:MAX_NEEDS]
    known = set(among.live().filter(pk__in=[pick.need for pick in picks]).values_list("pk", flat=True))
    one: Callable[[Chosen], Result] = _remind
    if action != BulkAction.REMIND:
        after = _STEPS[action]
        one = partial(_step, after=after, cause=Cause(Actor.DISPATCHER, by.pk, reason_of(after, reason), text))
    return [one(pick) if pick.need in known else Result(pick.need, NOT_FOUND) for pick in picks]


def reason_of(after: NeedState, given: str) -> str:
    """Return the reason of a step: the given reason if there is a choice, else the only possible reason, or "" if none
    is needed."""
    possible = transitions.REASONS.get(after, ())
    return given if len(possible) > 1 else "".join(possible)


def _step(pick: Chosen, after: NeedState, cause: Cause) -> Result:
    try:
        made = transitions.move(pick.need, after, cause, expected=pick.state)
    except NotPossible as refused:
        return Result(pick.need, refused.words)
    return Result(pick.need, step=made.pk)


def _remind(pick: Chosen) -> Result:
    held = list(Commitment.objects.running(timezone.now()).filter(need=pick.need).select_related("volunteer"))
    if not held:
        return Result(pick.need, NO_HOLDER)
    today = timezone.localdate()
    written = sum(
        notifying.notify(
            [own.volunteer],
            Topic.COMMITMENT,
            f"reminder-by-dispatcher:{own.pk}:{today:%Y%m%d}",
            partial(_reminder, own.pk),
        )
        for own in held
    )
    return Result(pick.need, "" if written else ALREADY_REMINDED)


def _reminder(commitment: uuid.UUID) -> notifying.Message:
    return notifying.Message(
        gettext("How is it going?"),
        gettext(
            "A dispatcher asks about the need that you take care of. Is it done? Do you need more time? Or do you want to give it back?"
        ),
        reverse("needs:commitment", args=[commitment]),
    )
