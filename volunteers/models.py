"""All models of volunteers; each is defined in the room of its subject."""

from volunteers.accounts.models import User, UserManager
from volunteers.api.models import ApiToken, ApiTokenQuerySet
from volunteers.associations.models import (
    Association,
    AssociationQuerySet,
    Invitation,
    InvitationQuerySet,
    Membership,
    MembershipQuerySet,
    Vouch,
    VouchQuerySet,
)
from volunteers.audit.models import AuditEntry, AuditHead, AuditQuerySet
from volunteers.availability.models import Profile, ProfileQuerySet, Window
from volunteers.notifications.models import Notification, NotificationSettings, PushSubscription
from volunteers.territories.models import (
    Assignment,
    AssignmentQuerySet,
    Cell,
    DutyRequest,
    DutyRequestQuerySet,
    DutyShift,
    DutyShiftQuerySet,
    Territory,
    TerritoryQuerySet,
)

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
    "DutyRequest",
    "DutyRequestQuerySet",
    "DutyShift",
    "DutyShiftQuerySet",
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
    "Vouch",
    "VouchQuerySet",
    "Window",
]
