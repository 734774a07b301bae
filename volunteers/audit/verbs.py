"""The vocabulary of the audit log."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Verb(models.TextChoices):
    """Recorded reads and actions. Add every new sensitive read or action here."""

    PLACE_SHOWN = "place_shown", _("exact place of a need shown")
    PLACES_SHOWN = "places_shown", _("exact places of an event shown")
    CONTACT_SHOWN = "contact_shown", _("contact of a reporter shown")
    PHOTO_SHOWN = "photo_shown", _("photo of a report shown")
    VOICE_HEARD = "voice_heard", _("voice note of an encounter heard")
    FINE_SHOWN = "fine_shown", _("fine cells (resolution 10) shown")
    REPORT_MADE = "report_made", _("zone report made")
    REPORT_READ = "report_read", _("zone report read")
    EXPORT_ASKED = "export_asked", _("export asked for")
    EXPORT_FETCHED = "export_fetched", _("export downloaded")
    LOOKED_AS = "looked_as", _("map viewed as somebody else")
    DATA_EXPORTED = "data_exported", _("own data exported")
    DATA_ERASED = "data_erased", _("erased on request")
    RETENTION_RUN = "retention_run", _("old data erased by the schedule")
    RELEASED = "released", _("release published")
    CRISIS_OPENED = "crisis_opened", _("event opened")
    CRISIS_CHANGED = "crisis_changed", _("event changed")
    CRISIS_CLOSED = "crisis_closed", _("event closed")
    PARAMETERS_SAVED = "parameters_saved", _("parameters saved")
    TOKEN_MADE = "token_made", _("API token made")
    TOKEN_REVOKED = "token_revoked", _("API token revoked")
    MEMBER_INVITED = "member_invited", _("member invited")
    INVITATION_REVOKED = "invitation_revoked", _("invitation withdrawn")
    MEMBER_JOINED = "member_joined", _("invitation accepted")
    ROLE_CHANGED = "role_changed", _("role of a member changed")
    MEMBER_LEFT = "member_left", _("member left")
    MEMBER_REMOVED = "member_removed", _("member removed")
    DUTY_GIVEN = "duty_given", _("duty in a territory given")
    DUTY_ENDED = "duty_ended", _("duty in a territory ended")
    REQUEST_ANSWERED = "request_answered", _("request for a duty answered")
    FACTOR_RESET = "factor_reset", _("second factor of somebody else reset")
    VOUCHED = "vouched", _("exact places allowed to a volunteer")
    VOUCH_ENDED = "vouch_ended", _("exact places no longer allowed to a volunteer")
    OFFER_ANSWERED = "offer_answered", _("offer of help answered")
    BUDGET_RAISED = "budget_raised", _("budget of exact places raised")
    TAKING_PAUSED = "taking_paused", _("taking of needs paused for a day")
    MANY_PLACES = "many_places", _("budget of exact places used up")
    LIST_READ = "list_read", _("list of needs read")
    CORRECTED = "corrected", _("report corrected")
    NEED_SHARED = "need_shared", _("need shared with another territory")
    ALARM_STEP = "alarm_step", _("danger alarm acknowledged")
    FACTOR_CHANGED = "factor_changed", _("second factor changed")
    PASSWORD_CHANGED = "password_changed", _("password changed")
    SESSIONS_ENDED = "sessions_ended", _("other devices signed out")
    WEBHOOK_CHANGED = "webhook_changed", _("webhook changed")
    ADMINISTERED = "administered", _("changed in the administration")
    DATA_IMPORTED = "data_imported", _("file imported")
    IMPORT_UNDONE = "import_undone", _("import undone")
    BACKED_UP = "backed_up", _("back-up made")
    RESTORED = "restored", _("restored from a back-up")


class Purpose(models.TextChoices):
    """Purposes of reads and actions. The list is fixed, because free text could contain a place or a name."""

    CARE = "care", _("to bring help")
    SORTING = "sorting", _("to sort and verify needs")
    COORDINATION = "coordination", _("to coordinate help in a territory")
    STATISTICS = "statistics", _("statistics and reports")
    ADMINISTRATION = "administration", _("administration of accounts")
    RIGHTS = "rights", _("a person’s rights over their data")
    UPKEEP = "upkeep", _("upkeep of the platform")
