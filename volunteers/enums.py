"""Choices of the volunteers app."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a member may do in an association (privacy.md, "Who sees what")."""

    MEMBER = "member", _("member")
    DISPATCHER = "dispatcher", _("dispatcher")
