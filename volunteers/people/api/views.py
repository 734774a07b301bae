"""The reader in the API: account, offer, notification settings."""

from typing import Any

from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from volunteers.models import Profile
from volunteers.people.api.base import ApiView
from volunteers.people.api.serializers import (
    MeSerializer,
    NotificationSettingsSerializer,
    ProfileSerializer,
    SentNotificationSerializer,
)
from volunteers.people.availability import offers
from volunteers.people.notifications import phone_numbers, preferences


class Me(ApiView):
    """The reader's account."""

    out = serializer_class = MeSerializer

    @extend_schema(tags=["me"], summary="Who I am, and what my token may do")
    def get(self, request: Request) -> Response:
        return self.answer(request.user)


class OwnProfile(ApiView):
    """The offer of the reader."""

    out = serializer_class = ProfileSerializer

    @extend_schema(tags=["me"], summary="What I offer")
    def get(self, request: Request) -> Response:
        profile = Profile.objects.filter(user=request.user.pk).prefetch_related("windows").first()
        return self.answer(profile or offers.Availability())

    @extend_schema(tags=["me"], summary="Replace what I offer")
    def put(self, request: Request) -> Response:
        user: Any = request.user
        said = self.said(ProfileSerializer)
        return self.answer(offers.store(user, ProfileSerializer.offer(said)))


class NotificationSettings(ApiView):
    """The reader's choices for notifications."""

    out = serializer_class = NotificationSettingsSerializer

    @extend_schema(tags=["notifications"], summary="How I want to be told")
    def get(self, request: Request) -> Response:
        return self.answer(_chosen(request.user))

    @extend_schema(tags=["notifications"], summary="Choose how I want to be told")
    def put(self, request: Request) -> Response:
        user: Any = request.user
        topics, media = preferences.topics_for(user), preferences.available_media()
        said = self.said(NotificationSettingsSerializer, topics=[str(topic) for topic in topics])
        shown = {f"{topic}:{medium}" for topic in topics for medium in media}
        wanted = {f"{topic}:{medium}" for topic, some in said["wanted"].items() for medium in some} & shown
        quiet = {name: said[name] for name in ("quiet_from", "quiet_until", "language")}
        digest = preferences.digest_of(preferences.chosen_by(user))
        preferences.save(user, shown=shown, wanted=wanted, digest=digest, **quiet)
        return self.answer(_chosen(user))


def _chosen(user: Any) -> dict[str, Any]:
    own = preferences.chosen_by(user)
    wanted, topics, media = preferences.wanted_by(own), preferences.topics_for(user), preferences.available_media()
    return {
        "wanted": {str(t): [str(m) for m in media if f"{t}:{m}" in wanted] for t in topics},
        "quiet_from": own.quiet_from if own else None,
        "quiet_until": own.quiet_until if own else None,
        "language": (own.language if own else "") or get_language() or "en",
        "topics": topics,
        "media": media,
        "phone": phone_numbers.masked(own),
    }


class Notifications(ApiView):
    """The reader's latest notifications."""

    out = serializer_class = SentNotificationSerializer

    @extend_schema(
        tags=["notifications"], summary="What I was told lately", responses=SentNotificationSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        user: Any = request.user
        return Response(SentNotificationSerializer(preferences.recent(user), many=True).data)
