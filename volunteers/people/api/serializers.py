"""The reader's profile and notification settings as JSON."""

from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from volunteers.enums import Category, Language, Medium, Role, Skill, Topic, Weekday
from volunteers.models import Profile
from volunteers.people.availability.forms import LEAST_MINUTES, MOST_WINDOWS, RADII
from volunteers.people.availability.offers import Availability, Weekly

DAY = 24 * 60
WEEK = 7 * DAY
LONGEST_PAUSE = timedelta(days=731)


class Choices(serializers.ListField):
    """Several distinct values from a list of choices, in the sender's order."""

    def __init__(self, choices: Any, **options: Any) -> None:
        options.setdefault("max_length", 50)
        super().__init__(child=serializers.ChoiceField(choices=choices), **options)

    def to_internal_value(self, data: Any) -> list[Any]:
        return list(dict.fromkeys(super().to_internal_value(data)))


class PlaceSerializer(serializers.Serializer):
    """Degrees, WGS 84."""

    latitude = serializers.FloatField(min_value=-90, max_value=90)
    longitude = serializers.FloatField(min_value=-180, max_value=180)


@extend_schema_field({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"})
class ClockField(serializers.TimeField):
    """A time of day in the platform's time zone, such as "22:30"."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="%H:%M", input_formats=["%H:%M", "%H:%M:%S"], **options)


class WindowSerializer(serializers.Serializer):
    """A weekly time. If the end is not after the start, the time goes past midnight. weekday: the day of the week; 0
    is Monday."""

    weekday = serializers.ChoiceField(choices=Weekday.choices)
    start = ClockField(help_text="On the platform's clock.")
    end = ClockField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if minutes(attrs["start"], attrs["end"]) < LEAST_MINUTES:
            raise serializers.ValidationError(
                {"end": _("A time must last at least half an hour. It can go past midnight.")}
            )
        return attrs


def minutes(start: time, end: time) -> int:
    """Return the length of a window; 0 if both times are the same."""
    length = (end.hour - start.hour) * 60 + end.minute - start.minute
    return length if start <= end else length + DAY


class ProfileSerializer(serializers.Serializer):
    """The offer of the reader. base: the place from which you help, stored as the centre of its cell (about 350 m),
    never finer; radius: the distance in metres."""

    base = PlaceSerializer(allow_null=True)
    radius = serializers.ChoiceField(choices=RADII, default=3000)
    skills = Choices(Skill.choices, default=list)
    kinds = Choices(Category.choices, default=list, help_text="Kinds of help; empty for all.")
    languages = Choices(Language.choices, default=list)
    most = serializers.IntegerField(
        min_value=1, max_value=10, default=3, help_text="How many needs at once; the site's own limit also applies."
    )
    paused_until = serializers.DateTimeField(allow_null=True, default=None)
    windows: Any = serializers.ListSerializer(child=WindowSerializer(), default=list, max_length=MOST_WINDOWS)

    def validate_paused_until(self, until: datetime | None) -> datetime | None:
        now = timezone.now()
        if until is not None and until > now + LONGEST_PAUSE:
            raise serializers.ValidationError(_("A pause can last at most two years."))
        return until if until is not None and until > now else None

    def validate_windows(self, windows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        taken: list[tuple[int, int]] = []
        for each in windows:
            begin = each["weekday"] * DAY + each["start"].hour * 60 + each["start"].minute
            end = begin + minutes(each["start"], each["end"])
            spans = [(begin, end), *([(begin - WEEK, end - WEEK)] if end > WEEK else [])]
            if any(a < d and c < b for a, b in spans for c, d in taken):
                raise serializers.ValidationError(_("Two of your free times overlap. Change or remove one of them."))
            taken += spans
        return windows

    @staticmethod
    def offer(said: dict[str, Any]) -> Availability:
        """Return the values for volunteers.people.availability.offers."""
        base = said["base"]
        return Availability(
            skills=tuple(said["skills"]),
            kinds=tuple(said["kinds"]),
            languages=tuple(said["languages"]),
            base=(base["latitude"], base["longitude"]) if base else None,
            radius=said["radius"],
            most=said["most"],
            paused_until=said["paused_until"],
            weekly=tuple(
                Weekly(
                    w["weekday"], w["start"].replace(second=0, microsecond=0), w["end"].replace(second=0, microsecond=0)
                )
                for w in said["windows"]
            ),
        )

    def to_representation(self, profile: Profile | Availability) -> dict[str, Any]:
        if isinstance(profile, Availability):  # nothing is stored yet
            return {
                "base": None, "radius": profile.radius, "skills": [], "kinds": [], "languages": [],
                "most": profile.most,
                "paused_until": None, "windows": [],
            }  # fmt: skip
        base = profile.base
        paused = profile.paused_until
        return {
            "base": {"latitude": round(base.y, 5), "longitude": round(base.x, 5)} if base else None,
            "radius": profile.radius,
            "skills": list(profile.skills),
            "kinds": list(profile.kinds),
            "languages": list(profile.languages),
            "most": profile.at_once,
            "paused_until": timezone.localtime(paused).isoformat() if paused else None,
            "windows": WindowSerializer(profile.windows.all(), many=True).data,
        }


class NotificationSettingsSerializer(serializers.Serializer):
    """The reader's choices for notifications. wanted: topic → media. Topics and media not listed here stay
    unchanged."""

    wanted = serializers.DictField(child=Choices(Medium.choices), help_text="topic → media")
    quiet_from = ClockField(allow_null=True, default=None)
    quiet_until = ClockField(allow_null=True, default=None)
    language = serializers.ChoiceField(choices=[("en", _("English")), ("fr", _("French"))])
    topics = serializers.ListField(child=serializers.ChoiceField(choices=Topic.choices), read_only=True)
    media = serializers.ListField(child=serializers.ChoiceField(choices=Medium.choices), read_only=True)
    phone = serializers.CharField(read_only=True, help_text="The confirmed number, masked; it is changed on the page.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        start, end = attrs["quiet_from"], attrs["quiet_until"]
        if (start is None) != (end is None):
            missing = "quiet_from" if start is None else "quiet_until"
            raise serializers.ValidationError({missing: _("Quiet hours need both a start and an end.")})
        if start is not None and start == end:
            raise serializers.ValidationError({"quiet_until": _("Quiet hours cannot start and end at the same time.")})
        unknown = set(attrs["wanted"]) - set(self.context["topics"])
        if unknown:
            words = _("These topics are not available to you: %(topics)s.") % {"topics": ", ".join(sorted(unknown)[:5])}
            raise serializers.ValidationError({"wanted": words})
        return attrs


class SentNotificationSerializer(serializers.Serializer):
    """A notification to the reader. states: medium → "sent", "waiting" or "failed"."""

    title = serializers.CharField()
    body = serializers.CharField()
    path = serializers.CharField()
    at = serializers.DateTimeField()
    states = serializers.DictField(child=serializers.ChoiceField(choices=["sent", "waiting", "failed"]))


class MembershipSerializer(serializers.Serializer):
    association = serializers.SlugField(source="association.slug")
    name = serializers.CharField(source="association.name")
    role = serializers.ChoiceField(choices=Role.choices)


class MeSerializer(serializers.Serializer):
    """The reader, and what their token may do."""

    key = serializers.UUIDField()
    name = serializers.CharField(source="display_name", allow_blank=True)
    memberships = serializers.SerializerMethodField()
    may_write = serializers.SerializerMethodField()

    @extend_schema_field(MembershipSerializer(many=True))
    def get_memberships(self, user: Any) -> Any:
        rows = user.memberships.current().select_related("association").order_by("association__name")
        return MembershipSerializer(rows, many=True).data

    def get_may_write(self, user: Any) -> bool:
        token = self.context["request"].auth
        return token is None or bool(token.writes)
