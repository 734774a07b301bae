"""Conversations about a need: of the reporter with each holder of a commitment, and with dispatch."""

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Self, override

from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from needs.base.dispatch_scope import scope
from needs.conversations.models import Message, Speaker
from needs.conversations.subjects import READ_AND_ANSWER, Subject
from needs.enums import UNFINISHED_STATES
from needs.models import Commitment, Need
from volunteers.enums import Topic
from volunteers.models import Territory, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories import duties


class AboutCommitment(Subject):
    """Holder and reporter. Neither side learns who the other side is."""

    row: Commitment
    kind = "commitment"
    topic = Topic.COMMITMENT

    @property
    @override
    def need(self) -> Need:
        return self.row.need

    @override
    def page_for(self, speaker: Speaker) -> tuple[str, str]:
        return reverse("needs:commitment", args=[self.row.pk]), _("Your commitment")

    @property
    @override
    def title(self) -> str:
        return _("Messages with the person who reported it")

    @override
    def _speaker_of(self, viewer: Viewer, user: User) -> Speaker | None:
        return Speaker.VOLUNTEER if self.row.volunteer_id == user.pk else None

    @override
    def is_over(self, now: datetime) -> bool:
        live = Need.objects.live().filter(pk=self.row.need_id).exists()
        return not (live and Commitment.objects.running(now).filter(pk=self.row.pk).exists())

    @override
    def people(self) -> Collection[User]:
        return [self.row.volunteer]

    @classmethod
    @override
    def find(cls, id: uuid.UUID, on: str = "") -> Self:
        return cls(get_object_or_404(Commitment.objects.select_related("need", "volunteer"), pk=id))

    @classmethod
    @override
    def near(cls, viewer: Viewer, user: User) -> Q:
        return Q(commitment__in=Commitment.objects.of(user).values("pk"))

    @property
    @override
    def territory(self) -> Territory | None:
        return duties.territory_of(self.row.need.cell)

    @override
    def news(self, message: Message) -> tuple[str, str]:
        return _("A message about a need that you took"), _(
            "The person who reported it wrote to you. You can answer on the page."
        )


class AboutNeed(Subject):
    """The reporter of a need and its dispatchers.

    The reporter writes on the private page, or by text message or e-mail.
    """

    row: Need
    kind = "need"
    topic = Topic.TRIAGE
    told_once = True
    most = 60

    @property
    @override
    def need(self) -> Need:
        return self.row

    @override
    def page_for(self, speaker: Speaker) -> tuple[str, str]:
        if speaker is Speaker.DESK:
            return reverse("needs:triage_need", args=[self.row.pk]), _("Open the need")
        return reverse("needs:mine"), _("My reports")

    @property
    @override
    def title(self) -> str:
        return _("Messages between the reporter and dispatch")

    @override
    def _speaker_of(self, viewer: Viewer, user: User) -> Speaker | None:
        if scope.needs_for(viewer).live().filter(pk=self.row.pk).exists():
            return Speaker.DESK
        return Speaker.REPORTER if self.row.author_id == user.pk and self.row.retracted_at is None else None

    @override
    def is_over(self, now: datetime) -> bool:
        return self.row.retracted_at is not None or self.row.state not in UNFINISHED_STATES

    @override
    def people(self) -> Collection[User]:
        return list(scope.need_dispatchers(self.row))

    @override
    def name_of(self, message: Message, reader: Speaker) -> str:
        among = reader is Speaker.DESK and message.speaker == Speaker.DESK
        return message.first_name if among else ""

    @classmethod
    @override
    def find(cls, id: uuid.UUID, on: str = "") -> Self:
        return cls(get_object_or_404(Need, pk=id))

    @classmethod
    @override
    def near(cls, viewer: Viewer, user: User) -> Q:
        return Q(need__author=user) | Q(need__in=scope.needs_for(viewer).values("pk"))

    @property
    @override
    def territory(self) -> Territory | None:
        return duties.territory_of(self.row.cell)

    @override
    def news(self, message: Message) -> tuple[str, str]:
        return _("The reporter of a need wrote to you"), str(READ_AND_ANSWER)
