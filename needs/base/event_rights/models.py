"""Models of needs.base.event_rights."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.contrib.gis.db import models
from django.db.models import Count, Q
from django.db.models.fields.json import KT
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext_lazy as _

from needs.base.moderated_texts.models import ModerationCase
from needs.base.moderated_texts.moderation_codes import ContentKind
from needs.enums import UNFINISHED_STATES, Answer, Category
from solidarity.lib import languages
from solidarity.lib.labels import in_language

UNKNOWN = "und"
"""The language tag of a text in an unknown language."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text in the best language for a reader. language: language of the text if the reader uses another language,
    else ""."""

    words: str
    language: str = ""

    def __str__(self) -> str:
        return self.words

    @property
    def language_name(self) -> str:
        """The name of the text's language in that language; "" if the reader uses it, or if it is unknown."""
        return languages.own_name(self.language)


class CrisisQuerySet(models.QuerySet["Crisis"]):
    def running(self, now: datetime) -> Self:
        """Events that accept reports at the given time."""
        return self.not_over(now).filter(starts_at__lte=now)

    def not_over(self, now: datetime) -> Self:
        """Events that accept reports at the given time or will accept them later."""
        return self.filter(closed_at=None).filter(Q(ends_at=None) | Q(ends_at__gt=now))

    def with_report_counts(self, readable: models.QuerySet[Any]) -> Self:
        """Annotate events with ``reports`` and ``waiting``: numbers of all and of unfinished readable reports."""
        live = Q(needs__in=readable)
        unfinished = live & Q(needs__state__in=UNFINISHED_STATES)
        return self.annotate(reports=Count("needs", filter=live), waiting=Count("needs", filter=unfinished))


class Crisis(models.Model):
    """An event to which anyone can report without an account. area: the area of the event; reports from outside are
    accepted, but marked.

    in_charge: the coordinator who answers for the event now; at first the author (needs.crises.charge). language: the
    language of name and message; "" if unknown. texts: name and message in other languages, {"ar": {"name": …}}.
    """

    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    message = models.TextField(_("message to the public"), max_length=1000, blank=True)
    language = models.CharField(_("language of these texts"), max_length=8, blank=True, default="", db_default="")
    texts = models.JSONField(default=dict, db_default={}, blank=True, editable=False)
    area = models.MultiPolygonField(_("area"), geography=True)
    starts_at = models.DateTimeField(_("from"), default=timezone.now)
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    author = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    in_charge = models.ForeignKey(
        "volunteers.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    in_charge_since = models.DateTimeField(null=True, blank=True, editable=False)
    made_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        "volunteers.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )

    objects = CrisisQuerySet.as_manager()

    class Meta:
        ordering = ("-starts_at",)
        verbose_name = _("crisis")
        verbose_name_plural = _("crises")

    def __str__(self) -> str:
        return self.name

    @property
    def own_name(self) -> Text:
        """The name in the reader's language if there is one."""
        return self._text("name", self.name)

    @property
    def own_message(self) -> Text:
        """The message in the reader's language if there is one; empty if a moderator hid it."""
        if (
            self.message
            and ModerationCase.objects.filter(kind=ContentKind.CRISIS, key=self.slug, withheld=True).exists()
        ):
            return Text("")
        return self._text("message", self.message)

    def _text(self, field: str, original: str) -> Text:
        code = get_language() or settings.LANGUAGE_CODE
        written = self.texts.get(code, {}).get(field, "")
        if written or not original or self.language == code:
            return Text(written or original)
        if not self.language and code in dict(settings.LANGUAGES):
            return Text(original)
        return Text(original, self.language or UNKNOWN)


class CrisisAgreement(models.Model):
    """A territory that takes part in an event, because a coordinator of the territory agreed
    (needs.crises.agreements).

    phone_is_enough: whether a confirmed telephone number is enough to take the event's needs in this territory.
    """

    crisis = models.ForeignKey("needs.Crisis", on_delete=models.CASCADE, related_name="agreements")
    territory = models.ForeignKey("volunteers.Territory", on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    phone_is_enough = models.BooleanField(
        _("a confirmed telephone number is enough to see exact places of this event"), default=False, db_default=False
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["crisis", "territory"], name="one_agreement_per_territory")]

    def __str__(self) -> str:
        return f"{self.crisis_id} {self.territory_id}"


class CrisisHandOver(models.Model):
    """A request to another coordinator to take charge of an event. answer: the answer; empty until it is given."""

    crisis = models.ForeignKey("needs.Crisis", on_delete=models.CASCADE, related_name="hand_overs")
    to = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, related_name="+")
    asked_by = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    answer = models.CharField(max_length=8, choices=Answer.choices, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-asked_at",)
        constraints = [
            models.UniqueConstraint(fields=["crisis"], condition=Q(answer=""), name="one_waiting_hand_over_per_crisis")
        ]

    def __str__(self) -> str:
        return f"{self.crisis_id} {self.to_id}"


class CrisisCategory(models.Model):
    """A category of reports to an event, with its kind of need. names: the name of the category in each language."""

    crisis = models.ForeignKey("needs.Crisis", on_delete=models.CASCADE, related_name="categories")
    order = models.PositiveSmallIntegerField(default=0)
    names = models.JSONField()
    kind = models.CharField(_("kind of need"), max_length=10, choices=Category.choices, default=Category.OTHER)

    class Meta:
        ordering = ("order", "pk")
        constraints = [models.UniqueConstraint("crisis", KT("names__en"), name="a_category_once_per_crisis")]

    @property
    def in_english(self) -> bool:
        """Whether the name appears in English because there is no translation."""
        return get_language() in dict(settings.PUBLIC_LANGUAGES) and str(self) == self.names["en"]

    def __str__(self) -> str:
        code = get_language() or ""
        if code in dict(settings.PUBLIC_LANGUAGES) and code not in self.names:
            return pgettext("event", self.names["en"])  # only preset names are in the catalogues; others stay English
        return str(in_language(self.names))
