"""The base of exceptions that refuse an action for one of several known reasons."""

from collections.abc import Mapping
from enum import Enum
from typing import ClassVar

from django.utils.functional import Promise


class RefusedFor[ReasonT: Enum](Exception):
    """An action that was refused and changed nothing. refusal: the reason.

    A subclass gives ``sentences``: for each reason what happened, and what the user can do next.
    """

    sentences: ClassVar[Mapping[Enum, str | Promise]]

    def __init__(self, refusal: ReasonT) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal

    @property
    def words(self) -> str:
        """What happened and what to do next, in the active language."""
        return str(self.sentences[self.refusal])
