"""Choices of the volunteers app."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Role(models.TextChoices):
    """A member's role in an association (docs/privacy.md)."""

    MEMBER = "member", _("member")
    DISPATCHER = "dispatcher", _("dispatcher")


class Skill(models.TextChoices):
    """A skill of a volunteer; some kinds of need require one (needs.help.matching)."""

    FIRST_AID = "first_aid", _("first aid")
    CARE = "care", _("nursing or medicine")
    LISTENING = "listening", _("listening")
    COOKING = "cooking", _("cooking")
    DRIVING = "driving", _("driving a car or van")
    CARRYING = "carrying", _("carrying heavy things")
    PAPERS = "papers", _("help with papers and rights")
    ANIMALS = "animals", _("looking after animals")
    HAIR = "hair", _("cutting hair")
    REPAIR = "repair", _("repairing things")
    PHONES = "phones", _("help with telephones and computers")


class Category(models.TextChoices):
    """Kinds of help, asked for or given. Encounters, needs and aid share this list."""

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


class Language(models.TextChoices):
    """Spoken languages; ISO 639 codes."""

    FRENCH = "fr", _("French")
    ENGLISH = "en", _("English")
    ARABIC = "ar", _("Arabic")
    SPANISH = "es", _("Spanish")
    ROMANIAN = "ro", _("Romanian")
    UKRAINIAN = "uk", _("Ukrainian")
    RUSSIAN = "ru", _("Russian")
    PASHTO = "ps", _("Pashto")
    DARI = "prs", _("Dari")
    TIGRINYA = "ti", _("Tigrinya")
    PORTUGUESE = "pt", _("Portuguese")
    ITALIAN = "it", _("Italian")
    POLISH = "pl", _("Polish")
    BULGARIAN = "bg", _("Bulgarian")
    ROMANI = "rom", _("Romani")
    BENGALI = "bn", _("Bengali")
    LINGALA = "ln", _("Lingala")
    FRENCH_SIGN = "fsl", _("French sign language")


class Weekday(models.IntegerChoices):
    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class Topic(models.TextChoices):
    """The topic of a notification. People can switch each topic on and off for each medium."""

    PROPOSAL = "proposal", _("a need is proposed to me")
    COMMITMENT = "commitment", _("my commitments: reminders, hand-overs, changes")
    TOUR = "tour", _("tours and events that I joined")
    ALERT = "alert", _("new reports in a search that I saved")
    TRIAGE = "triage", _("needs that have waited too long")
    DANGER = "danger", _("danger to life: alarms of my territories")
    DESK = "desk", _("requests that I answer: offers of help, duties, exact places")
    LENDING = "lending", _("things to lend and to give: answers, reminders, what I look for")
    DIGEST = "digest", _("the digest: what changed near me")
    MODERATION = "moderation", _("what became of what I reported or wrote")


class DigestRhythm(models.TextChoices):
    DAY = "day", _("every day")
    WEEK = "week", _("every week")


class Medium(models.TextChoices):
    EMAIL = "email", _("e-mail")
    PUSH = "push", _("this browser")
    SMS = "sms", _("text message")

    @property
    def icon(self) -> str:
        return {"email": "mail", "push": "globe", "sms": "phone"}[self.value]


class Level(models.TextChoices):
    COUNTRY = "country", _("country")
    REGION = "region", _("region")
    CITY = "city", _("city")
    DISTRICT = "district", _("district")
    NEIGHBOURHOOD = "neighbourhood", _("neighbourhood")


class CountKind(models.TextChoices):
    """Where a number of expected people comes from. A territory with a number but without a kind has no source."""

    COUNT = "count", _("a count by night")
    OFFICIAL = "official", _("an official figure")
    ESTIMATE = "estimate", _("an estimate by teams")


class Duty(models.TextChoices):
    """A person's duty in a territory."""

    VOLUNTEER = "volunteer", _("volunteer")
    DISPATCHER = "dispatcher", _("dispatcher")
    COORDINATOR = "coordinator", _("coordinator")


class Audience(models.TextChoices):
    """The audience of a release (docs/privacy.md). Coordinators read the live state."""

    PUBLIC = "public", _("the public")
    VOLUNTEER = "volunteer", _("volunteers")
    ASSOCIATION = "association", _("associations")
