"""Choices of the needs app."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ReportKind(models.IntegerChoices):
    """What can carry evidence. Encounters of a tour are folded with their tour."""

    TOUR = 1, _("tour")
    ENCOUNTER = 2, _("encounter")
    CITIZEN_REPORT = 3, _("citizen report")
    NEED = 4, _("need")
    AID = 5, _("aid")
    OVERRIDE = 6, _("override")


class Category(models.TextChoices):
    """What can be asked for and given (the same list for encounters, needs and aid)."""

    FOOD = "food", pgettext_lazy("category", "food")
    WATER = "water", pgettext_lazy("category", "water")
    CLOTHES = "clothes", pgettext_lazy("category", "clothes")
    BLANKET = "blanket", pgettext_lazy("category", "blanket")
    TENT = "tent", pgettext_lazy("category", "tent")
    HYGIENE = "hygiene", pgettext_lazy("category", "hygiene")
    HEALTH = "health", pgettext_lazy("category", "health care")
    SHELTER = "shelter", pgettext_lazy("category", "shelter")
    PAPERS = "papers", pgettext_lazy("category", "papers")
    TRANSPORT = "transport", pgettext_lazy("category", "transport")
    PHONE = "phone", pgettext_lazy("category", "phone")
    PET = "pet", pgettext_lazy("category", "pet")
    COMPANY = "company", pgettext_lazy("category", "company")
    OTHER = "other", pgettext_lazy("category", "other")


class Urgency(models.TextChoices):
    NOW = "now", _("today")
    SOON = "soon", _("in the next days")
    LATER = "later", _("when possible")


class Origin(models.TextChoices):
    """Who speaks in a need."""

    CITIZEN = "citizen", _("someone who saw it")
    SELF = "self", _("the person concerned")
    ENCOUNTER = "encounter", _("an association, from an encounter")
    IMPORT = "import", _("an imported archive")


class NeedState(models.TextChoices):
    """Where a need stands (product.md; the transitions are triage's)."""

    HELD = "held", _("waiting for a moderator")
    NEW = "new", _("new")
    VERIFIED = "verified", _("verified")
    OPEN = "open", _("open")
    COMMITTED = "committed", _("somebody is on it")
    PARTLY_MET = "partly_met", _("partly met")
    MET = "met", _("met")
    UNMET = "unmet", _("not met")
    DUPLICATE = "duplicate", _("duplicate")
    REJECTED = "rejected", _("rejected")
    EXPIRED = "expired", _("expired")


UNFINISHED_STATES = (
    NeedState.HELD,
    NeedState.NEW,
    NeedState.VERIFIED,
    NeedState.OPEN,
    NeedState.COMMITTED,
    NeedState.PARTLY_MET,
)


class CommitmentState(models.TextChoices):
    ACTIVE = "active", _("active")
    DONE = "done", _("done")
    EXPIRED = "expired", _("expired")
    WITHDRAWN = "withdrawn", _("withdrawn")


class TourMode(models.TextChoices):
    FOOT = "foot", _("on foot")
    BICYCLE = "bicycle", _("by bicycle")
    VEHICLE = "vehicle", _("by van or car")


class Channel(models.TextChoices):
    """How a report came in."""

    WEB = "web", _("web form")
    IMPORT = "import", _("import")
    EVENT_LOG = "event_log", _("event log")
    DEMO = "demo", _("demonstration")


class Outcome(models.TextChoices):
    """What an importer did with a row."""

    ACCEPTED = "accepted", _("accepted")
    REPAIRED = "repaired", _("repaired")
    REFUSED = "refused", _("refused")
    KNOWN = "known", _("already there")
