"""All models of volunteers. Each is defined in the folder of its subject."""

from volunteers.accounts.models import User, UserManager
from volunteers.api.models import ApiToken
from volunteers.associations.models import Association, Invitation, Membership, Vouch
from volunteers.audit.models import AuditEntry, AuditHead
from volunteers.availability.models import Profile, Window
from volunteers.notifications.models import Notification, NotificationSettings, PushSubscription
from volunteers.place_names.models import PlaceName, PlaceSource, PlaceWord
from volunteers.territories.models import Assignment, Cell, DutyRequest, DutyShift, Territory

__all__ = [
    "Cell",
    "ApiToken",
    "Assignment",
    "Association",
    "AuditEntry",
    "AuditHead",
    "DutyRequest",
    "DutyShift",
    "Invitation",
    "Membership",
    "Notification",
    "NotificationSettings",
    "PlaceName",
    "PlaceSource",
    "PlaceWord",
    "Profile",
    "PushSubscription",
    "Territory",
    "User",
    "UserManager",
    "Vouch",
    "Window",
]
