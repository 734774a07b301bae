"""Needs and helpers for the tests of commitments."""

from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

import pytest
from django.utils import timezone

from needs.help.records.refusals import Refused
from needs.models import Commitment, Need

KINDS = ["food", "blanket", "hygiene"]


class ReportNeed(Protocol):
    """A function that files a need in a state; keyword arguments replace fields of its draft."""

    def __call__(self, state: str = ..., **fields: object) -> Need: ...


def state_of(need: Need) -> str:
    return Need.objects.get(pk=need.pk).state


def refused(verb: Callable[[], object]) -> Refused:
    """Run a verb that must be refused, and return the refusal."""
    with pytest.raises(Refused) as caught:
        verb()
    return caught.value


def set_expired(commitment: Commitment, **ago: float) -> None:
    """Move the end of a commitment into the past, by a minute by default."""
    Commitment.objects.filter(pk=commitment.pk).update(expires_at=timezone.now() - timedelta(**(ago or {"minutes": 1})))
