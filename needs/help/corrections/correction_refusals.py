"""Reasons why a correction is refused."""

from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

CHANGED_WORDS = _("Somebody else corrected this in the meantime. Look at what changed, then save again.")


class CorrectionRefused(Exception):
    """A correction with a value that does not fit. field: name of the refused field. words: the mistake and how to
    correct it."""

    def __init__(self, field: str, words: str | Promise) -> None:
        super().__init__(field)
        self.field, self.text = field, words


class CorrectionRefusal(Enum):
    CHANGED = "changed"


class Outdated(Exception):
    """The report was corrected after the person had read it."""

    refusal = CorrectionRefusal.CHANGED
    words = CHANGED_WORDS
