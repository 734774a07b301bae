"""The retention rules for reports and accounts (docs/retention.md)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.db.models import F, Func, JSONField, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from needs.base.records.declarations import DRAFTS
from needs.base.records.field_declarations import Fades, FieldType, plain_fields
from needs.base.retention_rules import pseudonyms
from needs.base.retention_rules.registry import CustomRule, Due, RowRule, keep_with_reason, register
from needs.base.retention_rules.retention_periods import PERIODS
from needs.doors.phone_queue.models import RECEIPT_DAYS
from needs.doors.retention import erasure
from needs.enums import UNFINISHED_STATES, ReportKind
from needs.models import (
    REPORT_MODELS,
    BudgetRaise,
    CallAttempt,
    Conversation,
    Correction,
    Encounter,
    Feedback,
    HandOver,
    HelpOffer,
    Message,
    Need,
    NeedAssignment,
    NeedPhoto,
    NeedStep,
    NextCrewWord,
    PlaceView,
    PlannedTour,
    Receipt,
    RefusedMessage,
    ReporterAddress,
    Retraction,
    SourceKey,
    Tour,
    TourRequest,
    TourStop,
    VoiceNote,
    WaitingScan,
)
from volunteers.models import AdministratorChange, Application, DutyRequest, Invitation, Vouch

REPORTS: dict[ReportKind, Any] = {kind: model for kind, model in REPORT_MODELS.items() if kind is not ReportKind.TOUR}
"""The models of reports that have a place. A tour has a line instead."""
PLACE_VIEWS_KEPT = timedelta(days=7)
NO_ADDRESS = "0.0.0.0"  # noqa: S104 - the column cannot be empty


def _before(setting: str, now: datetime) -> datetime:
    return now - PERIODS[setting].length


def _points(now: datetime) -> Sequence[Due]:
    limit = _before("EXACT_POINT_HOURS", now)
    old: list[Due] = [
        (model.objects.filter(filed_at__lt=limit, archive=False).exclude(point=None), {"point": None})
        for model in REPORTS.values()
    ]
    # An address or the line of a tour is as exact as a point.
    for model, names in _texts(Fades.POINTS):
        old.append(_blanked(model.objects.filter(filed_at__lt=limit, archive=False), *names))
    old.append((Tour.objects.filter(at__lt=limit, archive=False).exclude(line=None), {"line": None}))
    encounters = Encounter.objects.filter(filed_at__lt=limit, archive=False).values("pk")
    corrected = Correction.objects.filter(kind=ReportKind.ENCOUNTER, report__in=encounters)
    for name in ("words_before", "words_after"):
        old.append((corrected.filter(**{f"{name}__has_key": "place_text"}), {name: _WithoutAddress(F(name))}))
    return old


class _WithoutAddress(Func):
    """The words of a correction without the address of an encounter."""

    template = "%(expressions)s - 'place_text'"
    output_field = JSONField()


def _corrected_words(limit: datetime) -> QuerySet[Correction]:
    """Return the corrections that contain words and belong to reports with words that must be deleted now."""
    found = Q()
    for kind in (ReportKind.ENCOUNTER, ReportKind.NEED):
        due = REPORT_MODELS[kind].objects.filter(filed_at__lt=limit, archive=False).values("pk")
        found |= Q(kind=kind, report__in=due)
    words = ~Q(words_before={}) | ~Q(words_after={}) | ~Q(reason="")
    return Correction.objects.filter(found, words)


def _fine_cells(now: datetime) -> Sequence[Due]:
    limit = _before("FINE_CELL_DAYS", now)
    return [
        (model.objects.filter(filed_at__lt=limit, archive=False).exclude(fine_cell=None), {"fine_cell": None})
        for model in REPORTS.values()
    ]


def _blanked(rows: QuerySet[Any], *names: str) -> Due:
    some = Q()
    for name in names:
        some |= ~Q(**{name: ""})
    return rows.filter(some), dict.fromkeys(names, "")


def _texts(fades: Fades) -> list[tuple[Any, list[str]]]:
    """Return (model, declared texts) that a rule empties."""
    found = []
    for kind, model in REPORTS.items():
        names = [
            each.column
            for each in plain_fields(DRAFTS[kind])
            if each.declared.fades is fades and each.declared.type is FieldType.TEXT
        ]
        if names:
            found.append((model, names))
    return found


def _covered(fades: Fades) -> tuple[str, ...]:
    return tuple(f"{model._meta.label}.{name}" for model, names in _texts(fades) for name in names)


def _words(now: datetime) -> Sequence[Due]:
    limit = _before("FREE_TEXT_DAYS", now)
    declared: list[Due] = []
    for model, names in _texts(Fades.WORDS):
        rows = model.objects.filter(filed_at__lt=limit, archive=False)
        if model is Encounter:  # a note that is shown as a field note is kept as long as the report
            declared.append(_blanked(rows.filter(note_pinned=False), "note"))
            names = [name for name in names if name != "note"]
        if names:
            declared.append(_blanked(rows, *names))
    return [
        *declared,
        (
            Encounter.objects.filter(filed_at__lt=limit, archive=False).exclude(answers_in_words={}),
            {"answers_in_words": {}},
        ),
        _blanked(NeedStep.objects.filter(at__lt=limit, need__archive=False), "text"),
        _blanked(CallAttempt.objects.filter(at__lt=limit), "note"),
        _blanked(Retraction.objects.filter(at__lt=limit), "reason"),
        (_corrected_words(limit), {"words_before": {}, "words_after": {}, "reason": ""}),
        _blanked(HandOver.objects.filter(asked_at__lt=limit), "message"),
        _blanked(Feedback.objects.filter(at__lt=limit), "text"),
        _blanked(PlannedTour.objects.filter(start__lt=limit), "note"),
        _blanked(TourStop.objects.filter(made_at__lt=limit), "text"),
        _blanked(HelpOffer.objects.filter(made_at__lt=limit), "text"),
        _blanked(Vouch.objects.filter(asked_at__lt=limit), "text"),
        _blanked(DutyRequest.objects.filter(asked_at__lt=limit), "text"),
        _blanked(NeedAssignment.objects.filter(at__lt=limit), "word"),
        (Message.objects.filter(at__lt=limit), None),
        (RefusedMessage.objects.filter(at__lt=limit), None),
        (Conversation.objects.filter(made_at__lt=limit, messages=None), None),
        (TourRequest.objects.filter(start__lt=limit), None),
    ]


def _applications(now: datetime) -> Sequence[Due]:
    answered = Application.objects.filter(answered_at__lt=_before("FREE_TEXT_DAYS", now))
    forgotten = now - 2 * PERIODS["FREE_TEXT_DAYS"].length
    return [(answered, None), (Application.objects.filter(accepted=None, asked_at__lt=forgotten), None)]


def _contacts(now: datetime) -> Sequence[Due]:
    finished = Need.objects.exclude(contact=None).filter(
        ~Q(state__in=UNFINISHED_STATES) | ~Q(retracted_at=None), state_at__lt=_before("CONTACT_DAYS", now)
    )
    addresses = ReporterAddress.objects.ended_before(_before("CONTACT_DAYS", now))
    return [(finished, {"contact": None}), (addresses, None)]


def _addresses(now: datetime) -> Sequence[Due]:
    old = UserSession.objects.filter(last_seen_at__lt=_before("IP_HOURS", now)).exclude(ip=NO_ADDRESS)
    return [(old, {"ip": NO_ADDRESS})]


def _of_reports(name: str) -> tuple[str, ...]:
    return tuple(f"{model._meta.label}.{name}" for model in REPORTS.values())


_ACCOUNT = "belongs to the account, until its owner changes it or deletes the account"
_HASH = "a keyed hash or digest, which reveals nothing without the key"
_NOTIFICATION = "holds no place, name or number (tested); deleted after two months by drop_old_notifications"


def register_rules() -> None:
    """Register the rules of this app; called when the apps are ready."""
    register(
        CustomRule(
            "erased",
            _("Data erased on request is erased again if a restore or an old file brings it back."),
            "",
            (),
            lambda _now: len(erasure.erased_but_present()),
            lambda _now: erasure.erase_again(),
        ),
        RowRule(
            "points",
            _("Exact points, addresses of encounters and the drawn lines of tours are deleted."),
            "EXACT_POINT_HOURS",
            (*_of_reports("point"), *_covered(Fades.POINTS), "needs.Tour.line"),
            _points,
        ),
        RowRule(
            "fine_cells",
            _("Cells of about 130 metres are deleted; cells of about 350 metres stay."),
            "FINE_CELL_DAYS",
            _of_reports("fine_cell"),
            _fine_cells,
        ),
        RowRule(
            "words",
            _(
                "Texts are deleted: notes, descriptions, addresses of needs, messages, reasons. "
                "A note shared as a field note stays as long as its report."
            ),
            "FREE_TEXT_DAYS",
            (
                *_covered(Fades.WORDS),
                "needs.Encounter.answers_in_words",
                "needs.NeedStep.text",
                "needs.CallAttempt.note",
                "needs.Retraction.reason",
                "needs.Correction.reason",
                "needs.Correction.words_before",
                "needs.Correction.words_after",
                "needs.HandOver.message",
                "needs.Feedback.text",
                "needs.PlannedTour.note",
                "needs.TourStop.text",
                "needs.Message",
                "needs.RefusedMessage",
                "needs.Conversation",
                "needs.TourRequest",
                "needs.HelpOffer.text",
                "needs.NeedAssignment.word",
                "volunteers.Vouch.text",
                "volunteers.DutyRequest.text",
            ),
            _words,
        ),
        RowRule(
            "next_crew_words",
            _("Words to the next crew are deleted when the time for which they are shown is over."),
            "",
            ("needs.NextCrewWord.text",),
            lambda now: [(NextCrewWord.objects.expired(now), None)],
        ),
        RowRule(
            "photos",
            _("Photos are deleted with their files."),
            "PHOTO_DAYS",
            ("needs.NeedPhoto.image",),
            lambda now: [(NeedPhoto.objects.filter(made_at__lt=_before("PHOTO_DAYS", now)), None)],
        ),
        RowRule(
            "voices",
            _("Voice notes are deleted with their files."),
            "PHOTO_DAYS",
            ("needs.VoiceNote.sound",),
            lambda now: [(VoiceNote.objects.filter(made_at__lt=_before("PHOTO_DAYS", now)), None)],
        ),
        RowRule(
            "contacts",
            _("Contacts of reporters are deleted when their need has been closed for this time."),
            "CONTACT_DAYS",
            ("needs.Need.contact", "needs.ReporterAddress"),
            _contacts,
        ),
        RowRule(
            "addresses",
            _("Network addresses of signed-in devices are deleted."),
            "IP_HOURS",
            ("usersessions.UserSession.ip",),
            _addresses,
        ),
        RowRule(
            "invitations",
            _("E-mail addresses of invitations are deleted when the invitation is accepted, withdrawn or expired."),
            "",
            ("volunteers.Invitation.email", "volunteers.AdministratorChange"),
            lambda now: [
                (Invitation.objects.lapsed(now), {"email": ""}),
                (AdministratorChange.objects.lapsed(now), {"email": ""}),
            ],
        ),
        RowRule(
            "applications",
            _(
                "Applications of associations are deleted when this time has passed since the answer, or twice "
                "this time if nobody answered."
            ),
            "FREE_TEXT_DAYS",
            ("volunteers.Application",),
            _applications,
        ),
        RowRule(
            "keys",
            _("The key for the pseudonyms of devices is destroyed at the end of its month."),
            "",
            ("needs.SourceKey.secret",),
            lambda now: [(SourceKey.objects.filter(month__lt=pseudonyms.month_of(now)), None)],
        ),
        RowRule(
            "place_views",
            _("The records of who opened which exact place, and who was allowed more, are deleted after a week."),
            "",
            ("needs.PlaceView", "needs.BudgetRaise"),
            lambda now: [
                (PlaceView.objects.filter(at__lt=now - PLACE_VIEWS_KEPT), None),
                (BudgetRaise.objects.filter(at__lt=now - PLACE_VIEWS_KEPT), None),
            ],
        ),
        RowRule(
            "receipts",
            _(
                "Receipts for uploads from phones (numbers and digests, no content), and scans of the stock that do not fit, "
                "are deleted after 90 days."
            ),
            "",
            ("needs.Receipt", "needs.WaitingScan"),
            lambda now: [
                (Receipt.objects.old(now), None),
                (WaitingScan.objects.filter(at__lt=now - timedelta(days=RECEIPT_DAYS)), None),
            ],
        ),
    )
    keep_with_reason(
        {
            "needs.AssociationMonth": "sums of a month of one association; about no person, without a place",
            "needs.Encounter.answers": "yes, no, a number or one of the choices; deleted with its report",
            "needs.Question": "a question to everyone; about no person",
            "needs.Correction.before": "numbers, choices and cells of a report; deleted with it",
            "needs.Correction.after": "numbers, choices and cells of a report; deleted with it",
            "needs.Need.origin": "one of four words for the kind of reporter",
            "needs.Capacity.base": "an association's base, the centre of a cell of resolution 9",
            "needs.Crisis": "an event that a coordinator publishes; about no person",
            "needs.CrisisCategory": "names of event categories; about no person",
            "needs.ReliefGroup": "the name of a group of an event, checked for names of people; about no person",
            "needs.SiteCategory": "names of categories, written by administrators to be published; about no person",
            "needs.ImportRun": "file names and totals; about no person",
            "needs.Place": "a service of an organisation, written to be published; about no person",
            "needs.PlaceCapacity": "how many beds are free; about no person",
            "needs.PlaceConflict": "what two guides say about a service; about no person",
            "needs.PlaceImportChange": "what an import changed in the guide, without secret addresses; about no person",
            "needs.PlaceEdit": "changes of an entry about a service; without secret addresses",
            "needs.PlaceSource": "what another guide says about a service; about no person",
            "needs.MailDetails": "the number of a mail and of its files, no content; deleted with the message",
            "needs.AlarmWords": "ids and flags, no words; deleted with its alarm",
            "needs.RetentionRun": "only counts",
            "needs.Erasure": _HASH,
            "needs.ReporterNews": "ids of steps and messages, no text; deleted with its address",
            "needs.SavedSearch": _ACCOUNT,
            "needs.LanguageReview": "the reviewer's chosen name; a coordinator deletes it on request",
            "volunteers.User": _ACCOUNT,
            "volunteers.Assignment.contact": "written to be published; deleted with the choice or the duty",
            "volunteers.Association": "an organisation's name, website, profile and logo, written to be published",
            "volunteers.SignUpChoice": "whom to ask for an invitation, written by an administrator to be published",
            "volunteers.SiteDetails": "the organisation that runs the site, written by an administrator to be published",
            "volunteers.FirstStart": "digests of a link, without a person; deleted when it is used",
            "volunteers.Profile.base": _ACCOUNT + "; the centre of a cell of resolution 9",
            "volunteers.NotificationSettings.phone": _ACCOUNT + "; encrypted",
            "volunteers.Commune": "names and borders of communes; about no person",
            "volunteers.CommuneDownload": "how far a download of borders is; about no person",
            "volunteers.PlaceName": "names of streets and public places; about no person",
            "volunteers.PlaceSource": "the source of names of places and its digest; about no person",
            "volunteers.PlaceWord": "words of names of places; about no person",
            "volunteers.PushSubscription": _ACCOUNT,
            "volunteers.Notification": _NOTIFICATION,
            "volunteers.ApiToken": _ACCOUNT,
            "volunteers.AuditEntry": "the audit log, without places or names: keyed digests of ids (ADR 23)",
            "volunteers.AuditHead": "hashes of the audit log's end",
            "account.EmailAddress": _ACCOUNT,
            "account.EmailConfirmation": "unused: confirmations are signed, not stored",
            "mfa.Authenticator": _ACCOUNT,
            "socialaccount.SocialAccount": _ACCOUNT + "; the provider's number of the person, and nothing else",
            "socialaccount.SocialApp": "unused: the provider is in the settings",
            "socialaccount.SocialToken": "unused: tokens are not stored",
            "usersessions.UserSession.user_agent": _ACCOUNT + ": devices that are signed in",
            "usersessions.UserSession.data": _ACCOUNT + ": devices that are signed in",
            "sessions.Session": "signed-in sessions; deleted when they end",
            "admin.LogEntry": "changes by administrators; they edit no places there",
            "auth": "the framework's own names",
            "contenttypes": "the framework's own names",
            "gis": "the database's own reference systems",
        }
    )
