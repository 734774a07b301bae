"""All models of volunteers. Each model is defined in the folder of its subject."""

from volunteers.accounts.models import User, UserManager
from volunteers.api.models import ApiToken
from volunteers.applications.models import Application
from volunteers.associations.models import Association, Invitation, Membership, Vouch
from volunteers.audit.models import AuditEntry, AuditHead
from volunteers.availability.models import Profile, Window
from volunteers.commune_borders.models import Commune, CommuneDownload
from volunteers.first_start.models import FirstStart
from volunteers.notifications.models import Notification, NotificationSettings, PushSubscription
from volunteers.people.models import AdministratorChange, Block, SignUpChoice
from volunteers.place_names.models import PlaceName, PlaceSource, PlaceWord
from volunteers.site_details.models import SiteDetails
from volunteers.territories.assignments import Assignment, DutyRequest, DutyShift
from volunteers.territories.models import Cell, Territory, WorkArea

__all__ = [
    "Cell",
    "AdministratorChange",
    "ApiToken",
    "Application",
    "Assignment",
    "Association",
    "AuditEntry",
    "AuditHead",
    "Block",
    "Commune",
    "CommuneDownload",
    "DutyRequest",
    "DutyShift",
    "FirstStart",
    "Invitation",
    "Membership",
    "Notification",
    "NotificationSettings",
    "PlaceName",
    "PlaceSource",
    "PlaceWord",
    "Profile",
    "PushSubscription",
    "SignUpChoice",
    "SiteDetails",
    "Territory",
    "User",
    "UserManager",
    "Vouch",
    "Window",
    "WorkArea",
]
