"""All models of volunteers. Each model is defined in the folder of its subject."""

from volunteers.people.accounts.models import User, UserManager
from volunteers.people.administrators.models import AdministratorChange, Block, SignUpChoice
from volunteers.people.associations.models import Association, Invitation, Membership, Vouch
from volunteers.people.audit.models import AuditEntry, AuditHead
from volunteers.people.availability.models import Profile, Window
from volunteers.people.notifications.models import Notification, NotificationSettings, PushSubscription
from volunteers.people.roles.models import Assignment, DutyRequest, DutyShift
from volunteers.people.tokens.models import ApiToken
from volunteers.places.commune_borders.models import Commune, CommuneDownload
from volunteers.places.place_names.models import PlaceName, PlaceSource, PlaceWord
from volunteers.places.territories.models import Cell, Territory, WorkArea
from volunteers.site.applications.models import Application
from volunteers.site.first_start.models import FirstStart
from volunteers.site.site_details.models import SiteDetails

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
