"""Choices of needs.moderation."""

from django.db import models
from django.utils.translation import pgettext_lazy


class ContentKind(models.TextChoices):
    """Kinds of content that can be reported. A report about a loan concerns the behaviour of the other side."""

    MESSAGE = "message", pgettext_lazy("reported", "a message")
    EVENT = "event", pgettext_lazy("reported", "an event")
    GROUP = "group", pgettext_lazy("reported", "a neighbourhood group")
    ITEM = "item", pgettext_lazy("reported", "a thing to borrow")
    WISH = "wish", pgettext_lazy("reported", "something that is looked for")
    OFFER = "offer", pgettext_lazy("reported", "an offer to give")
    NOTICE = "notice", pgettext_lazy("reported", "a notice about a place")
    PLACE = "place", pgettext_lazy("reported", "the text about a place")
    CRISIS = "crisis", pgettext_lazy("reported", "the text of a crisis event")
    WORD = "word", pgettext_lazy("reported", "a word to the next crew")
    NEED = "need", pgettext_lazy("reported", "the text of a need")
    LOAN = "loan", pgettext_lazy("reported", "the other side of a loan")


class ReportReason(models.TextChoices):
    """Reasons for reporting a text, and for hiding it."""

    INSULT = "insult", pgettext_lazy("reason of a report", "Insult or harassment")
    THREAT = "threat", pgettext_lazy("reason of a report", "Threat, or I do not feel safe")
    DISCRIMINATION = "discrimination", pgettext_lazy("reason of a report", "Racism or other discrimination")
    SEXUAL = "sexual", pgettext_lazy("reason of a report", "Sexual content or advances")
    PRIVATE = "private", pgettext_lazy("reason of a report", "Private information about a person")
    WRONG = "wrong", pgettext_lazy("reason of a report", "Wrong or dangerous information")
    SELLING = "selling", pgettext_lazy("reason of a report", "Asks to be paid")
    ADVERTISING = "advertising", pgettext_lazy("reason of a report", "Advertising")
    OTHER = "other", pgettext_lazy("reason of a report", "Something else")


class Outcome(models.TextChoices):
    """The decision of a moderator. Passing a case on does not decide it: the case then waits for an administrator."""

    KEPT = "kept", pgettext_lazy("outcome of a report", "It stays visible")
    HIDDEN = "hidden", pgettext_lazy("outcome of a report", "Hidden")
    WARNED = "warned", pgettext_lazy("outcome of a report", "Hidden, and the author is warned")
    PAUSED = "paused", pgettext_lazy("outcome of a report", "Hidden, and the author may not write for some days")
    PASSED_ON = "passed_on", pgettext_lazy("outcome of a report", "Passed on to the administrators")


class AppealOutcome(models.TextChoices):
    CONFIRMED = "confirmed", pgettext_lazy("outcome of an appeal", "The decision stays")
    OVERTURNED = "overturned", pgettext_lazy("outcome of an appeal", "The decision was wrong: it is visible again")


HIDING = (Outcome.HIDDEN, Outcome.WARNED, Outcome.PAUSED)
"""Outcomes after which nobody but the author and moderators sees the text."""
NEVER_HELD = (ContentKind.NEED, ContentKind.CRISIS, ContentKind.LOAN)
"""Kinds that no held word keeps back: help must not wait for a reader."""
