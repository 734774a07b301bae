"""People who give: accounts, associations, memberships, what they offer and how they want to be told."""

import uuid
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from volunteers.audit.models import AuditEntry, AuditHead
from volunteers.enums import Language, Medium, Role, Skill, Topic, Weekday
from volunteers.membership.models import Invitation

__all__ = [
    "ApiToken", "Association", "AuditEntry", "AuditHead", "Invitation", "Membership", "Notice", "NoticeSettings", "Profile",
    "PushSubscription", "User", "Window",
]  # fmt: skip


class UserManager(BaseUserManager["User"]):
    """Accounts are made from an e-mail address; there are no user names."""

    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A stored account; raises ValueError without an e-mail address."""
        if not email:
            raise ValueError("An account needs an e-mail address.")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractUser):
    """An account. Every verified account is a volunteer; memberships and territories add to that."""

    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    display_name = models.CharField(_("name shown to your team"), max_length=80, blank=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()  # type: ignore[misc, assignment]

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")

    def __str__(self) -> str:
        return self.display_name or self.email

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name

    @property
    def is_administrator(self) -> bool:
        return self.is_active and self.is_superuser


class AssociationQuerySet(models.QuerySet["Association"]):
    def of(self, user: "User") -> "AssociationQuerySet":
        """Associations the person is a current member of."""
        return self.filter(memberships__user=user, memberships__left_at=None).distinct()


class Association(models.Model):
    """An organisation with members; it owns the encounters and tours that it files."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    website = models.URLField(_("website"), blank=True)
    members: "models.ManyToManyField[Any, Any]" = models.ManyToManyField(
        "User", through="Membership", related_name="associations"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AssociationQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        verbose_name = _("association")
        verbose_name_plural = _("associations")

    def __str__(self) -> str:
        return self.name


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self) -> "MembershipQuerySet":
        return self.filter(left_at=None)

    def dispatching(self) -> "MembershipQuerySet":
        return self.current().filter(role=Role.DISPATCHER)


class Membership(models.Model):
    """One person's place in one association."""

    user = models.ForeignKey("User", on_delete=models.CASCADE, related_name="memberships")
    association = models.ForeignKey("Association", on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=12, choices=Role.choices, default=Role.MEMBER)
    joined_at = models.DateTimeField(auto_now_add=True)
    left_at = models.DateTimeField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "association"], condition=models.Q(left_at=None), name="one_current_membership"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.association} · {self.get_role_display()}"


class ProfileQuerySet(models.QuerySet["Profile"]):
    def offering(self, now: datetime) -> "ProfileQuerySet":
        """Profiles of active accounts that are not paused at a moment."""
        free = models.Q(paused_until=None) | models.Q(paused_until__lte=now)
        return self.filter(free, user__is_active=True)


class Profile(models.Model):
    """What a volunteer offers. base: centre of an H3 cell of resolution 9, never an address; radius: metres.

    most: how many needs at once. paused_until: nothing is proposed before.
    """

    user = models.OneToOneField("User", on_delete=models.CASCADE, primary_key=True, related_name="profile")
    base = models.PointField(_("around where"), geography=True, null=True, blank=True)
    radius = models.PositiveIntegerField(_("how far, in metres"), default=3000)
    skills = ArrayField(models.CharField(max_length=10, choices=Skill.choices), default=list, blank=True)
    languages = ArrayField(models.CharField(max_length=3, choices=Language.choices), default=list, blank=True)
    most = models.PositiveSmallIntegerField(_("how many needs at once"), default=2)
    paused_until = models.DateTimeField(_("pause until"), null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ProfileQuerySet.as_manager()

    class Meta:
        verbose_name = _("profile")
        verbose_name_plural = _("profiles")

    def __str__(self) -> str:
        return f"{self.user_id}"


class Window(models.Model):
    """A weekly time at which a volunteer is free, in the platform's time zone. Past midnight: end before start."""

    profile = models.ForeignKey("Profile", on_delete=models.CASCADE, related_name="windows")
    weekday = models.PositiveSmallIntegerField(_("day"), choices=Weekday.choices)
    start = models.TimeField(_("from"))
    end = models.TimeField(_("until"))

    class Meta:
        ordering = ("weekday", "start")
        verbose_name = _("free time")
        verbose_name_plural = _("free times")
        constraints = [
            models.UniqueConstraint(fields=["profile", "weekday", "start"], name="a_window_once"),
            models.CheckConstraint(condition=~models.Q(start=models.F("end")), name="a_window_has_a_length"),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.start}–{self.end}"


class NoticeSettings(models.Model):
    """How a person wants to be told. wanted: "topic:medium" pairs that are switched on. phone: encrypted."""

    user = models.OneToOneField("User", on_delete=models.CASCADE, primary_key=True, related_name="notice_settings")
    wanted = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    phone = models.BinaryField(null=True, blank=True, editable=False)
    language = models.CharField(_("language of messages"), max_length=5, blank=True)

    class Meta:
        verbose_name = _("notification settings")
        verbose_name_plural = _("notification settings")

    def __str__(self) -> str:
        return f"{self.user_id}"


class PushSubscription(models.Model):
    """One browser that takes Web Push messages. endpoint: the push service's address for it."""

    user = models.ForeignKey("User", on_delete=models.CASCADE, related_name="push_subscriptions")
    endpoint = models.URLField(max_length=1000)
    endpoint_hash = models.CharField(max_length=64, unique=True)
    p256dh = models.CharField(max_length=120)
    auth = models.CharField(max_length=60)
    made_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.user_id} {self.endpoint_hash[:8]}"


class Notice(models.Model):
    """One message to one person by one medium; written with what it is about, sent by a worker.

    key: the same message is written once. path: the page that it leads to. Neither title nor body nor path ever holds
    a place, a name or a telephone number: those stand on the page. not_before: the end of quiet hours.
    """

    user = models.ForeignKey("User", on_delete=models.CASCADE, related_name="notices")
    topic = models.CharField(max_length=10, choices=Topic.choices)
    medium = models.CharField(max_length=5, choices=Medium.choices)
    key = models.CharField(max_length=120)
    title = models.CharField(max_length=120)
    body = models.CharField(max_length=500, blank=True)
    path = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    not_before = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "medium", "key"], name="a_notice_once")]
        indexes = [
            models.Index(fields=["not_before"], name="notice_waiting", condition=models.Q(sent_at=None, failed_at=None))
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.topic} {self.medium}"


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def usable(self, now: datetime) -> "ApiTokenQuerySet":
        """Tokens that open something at a moment."""
        return self.filter(revoked_at=None, expires_at__gt=now, user__is_active=True)


class ApiToken(models.Model):
    """A key to the API in its owner's name. digest: SHA-256 of the token, which is shown once and stored nowhere.

    start: its first letters, so that its owner can tell tokens apart. writes: whether it may change anything.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey("User", on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=80)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    start = models.CharField(max_length=12, editable=False)
    writes = models.BooleanField(default=False)
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ("-made_at",)
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return self.name
