"""All models of volunteers. Each is defined in the folder of its subject."""

from volunteers.accounts.models import User, UserManager
from volunteers.api.models import ApiToken, ApiTokenQuerySet
from volunteers.associations.models import (
    Association,
    AssociationQuerySet,
    Invitation,
    InvitationQuerySet,
    Membership,
    MembershipQuerySet,
)
from volunteers.audit.models import AuditEntry, AuditHead, AuditQuerySet
from volunteers.availability.models import Profile, ProfileQuerySet, Window
from volunteers.notifications.models import Notification, NotificationSettings, PushSubscription
from volunteers.territories.models import Assignment, AssignmentQuerySet, Cell, Territory, TerritoryQuerySet

__all__ = [
    "Cell",
    "ApiToken",
    "ApiTokenQuerySet",
    "Assignment",
    "AssignmentQuerySet",
    "Association",
    "AssociationQuerySet",
    "AuditEntry",
    "AuditHead",
    "AuditQuerySet",
    "Invitation",
    "InvitationQuerySet",
    "Membership",
    "MembershipQuerySet",
    "Notification",
    "NotificationSettings",
    "Profile",
    "ProfileQuerySet",
    "PushSubscription",
    "Territory",
    "TerritoryQuerySet",
    "User",
    "UserManager",
    "Window",
]
