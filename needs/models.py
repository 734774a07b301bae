"""All models of needs, imported from the subpackages that define them."""

from typing import Any

from needs.base.attachments.models import NeedPhoto, VoiceNote, VoiceNoteQuerySet
from needs.base.cold_plans.models import ColdPlan, ColdPlanQuerySet, ColdTrigger
from needs.base.custom_questions.models import Question, QuestionSet, QuestionSetQuerySet
from needs.base.dispatch_scope.models import NeedSharing, NeedSharingQuerySet
from needs.base.event_rights.models import Crisis, CrisisAgreement, CrisisCategory, CrisisHandOver, CrisisQuerySet
from needs.base.lifecycle.models import CallAttempt, Merge, NeedLock, NeedLockQuerySet, NotDuplicate
from needs.base.moderated_texts.models import (
    CaseQuerySet,
    ContentReport,
    HeldWord,
    ModerationCase,
    ModerationMonth,
    PersonBlock,
    WritingPause,
)
from needs.base.records.models import (
    Aid,
    AidQuerySet,
    CitizenReport,
    CitizenReportQuerySet,
    Encounter,
    EncounterQuerySet,
    Need,
    NeedQuerySet,
    NeedStep,
    Report,
    ReportQuerySet,
    Retraction,
)
from needs.base.records.tour_models import Tour, TourCell, TourQuerySet
from needs.base.retention_rules.models import Erasure, RetentionRun, SourceKey
from needs.base.site_categories.models import SiteCategory
from needs.conversations.models import Conversation, Message, MessageQuerySet, MessageRead, RefusedMessage
from needs.doors.association_figures.models import AssociationMonth
from needs.doors.language_reviews.models import LanguageReview
from needs.doors.phone_queue.models import Receipt, ReceiptQuerySet
from needs.enums import ReportKind
from needs.guide.places.imports.models import PlaceImportChange
from needs.guide.places.models import (
    Place,
    PlaceCapacity,
    PlaceConflict,
    PlaceEdit,
    PlaceMistake,
    PlaceNotice,
    PlaceNoticeQuerySet,
    PlaceQuerySet,
    PlaceSource,
    Reservation,
    ReservationQuerySet,
    Signposting,
)
from needs.help.following.models import ReporterAddress, ReporterAddressQuerySet, ReporterNews
from needs.help.records.assignment_models import (
    AssignmentState,
    NeedAssignment,
    NeedAssignmentQuerySet,
    ReliefGroup,
    ReliefGroupQuerySet,
    ReliefMember,
)
from needs.help.records.commitment_models import (
    Commitment,
    CommitmentPart,
    CommitmentQuerySet,
    Feedback,
    HandOver,
    HandOverQuerySet,
)
from needs.help.records.exact_place_models import BudgetRaise, HelpOffer, HelpOfferQuerySet, PlaceView
from needs.help.records.match_models import Capacity, Proposal, ProposalQuerySet
from needs.help.records.saved_search_models import SavedSearch, SavedSearchQuerySet
from needs.messages.channels.mail.models import MailDetails
from needs.messages.channels.models import Correspondent, Dialogue, InboundMessage, OutboundMessage, ReceivedId
from needs.neighbours.giving.models import Offer, OfferQuerySet, OfferRequest
from needs.neighbours.groups.models import Group, GroupMember, JoinRequest
from needs.neighbours.lending.loan_models import ConditionNote, Loan, LoanedPiece, LoanQuerySet, LoanStep
from needs.neighbours.lending.models import Item, ItemPhoto, ItemQuerySet, StockMove, Wish, WishQuerySet
from needs.neighbours.local_events.models import EventException, EventSeat, LocalEvent, LocalEventQuerySet, RoundStop
from needs.neighbours.stock_labels.models import WaitingScan
from needs.reports.correction_history.models import Correction, CorrectionQuerySet
from needs.reports.danger.models import AlarmStepTaken, AlarmWords, DangerAlarm, DangerAlarmQuerySet
from needs.reports.importers.models import ImportRun
from needs.tours.models import PlannedTour, PlannedTourQuerySet
from needs.tours.next_crew_words.models import NextCrewWord, NextCrewWordQuerySet, WordSeen
from needs.tours.tour_requests.models import TourRequest, TourRequestQuerySet
from needs.tours.tour_seats.models import Seat, SeatWish
from needs.tours.tour_stops.models import TourStop, TourStopQuerySet

__all__ = [
    "REPORT_MODELS",
    "Conversation",
    "Correspondent",
    "Dialogue",
    "EventException",
    "EventSeat",
    "Group",
    "GroupMember",
    "InboundMessage",
    "MailDetails",
    "JoinRequest",
    "LocalEvent",
    "LocalEventQuerySet",
    "Message",
    "MessageQuerySet",
    "MessageRead",
    "RefusedMessage",
    "OutboundMessage",
    "RoundStop",
    "Aid",
    "AidQuerySet",
    "AssociationMonth",
    "CallAttempt",
    "Capacity",
    "CitizenReport",
    "CitizenReportQuerySet",
    "ColdPlan",
    "ColdPlanQuerySet",
    "ColdTrigger",
    "Commitment",
    "CommitmentPart",
    "CommitmentQuerySet",
    "Correction",
    "CorrectionQuerySet",
    "Crisis",
    "CrisisAgreement",
    "CrisisCategory",
    "CrisisHandOver",
    "CrisisQuerySet",
    "Encounter",
    "EncounterQuerySet",
    "Erasure",
    "Feedback",
    "HandOver",
    "HandOverQuerySet",
    "ImportRun",
    "Merge",
    "Need",
    "NeedLock",
    "NeedLockQuerySet",
    "NeedPhoto",
    "NeedQuerySet",
    "NeedStep",
    "CaseQuerySet",
    "ContentReport",
    "HeldWord",
    "ModerationCase",
    "ModerationMonth",
    "PersonBlock",
    "WritingPause",
    "NextCrewWord",
    "NextCrewWordQuerySet",
    "NotDuplicate",
    "PlannedTour",
    "PlannedTourQuerySet",
    "Proposal",
    "ProposalQuerySet",
    "Question",
    "QuestionSet",
    "QuestionSetQuerySet",
    "Receipt",
    "ReceiptQuerySet",
    "ReceivedId",
    "Report",
    "ReportQuerySet",
    "RetentionRun",
    "Retraction",
    "SavedSearch",
    "SavedSearchQuerySet",
    "Seat",
    "SeatWish",
    "SourceKey",
    "LanguageReview",
    "Tour",
    "TourCell",
    "TourQuerySet",
    "TourStop",
    "TourStopQuerySet",
    "TourRequest",
    "TourRequestQuerySet",
    "VoiceNote",
    "VoiceNoteQuerySet",
    "WordSeen",
    "AlarmStepTaken",
    "Item",
    "ItemPhoto",
    "ItemQuerySet",
    "StockMove",
    "Wish",
    "WishQuerySet",
    "ConditionNote",
    "Loan",
    "LoanedPiece",
    "LoanQuerySet",
    "LoanStep",
    "WaitingScan",
    "Offer",
    "OfferQuerySet",
    "OfferRequest",
    "Place",
    "PlaceCapacity",
    "PlaceConflict",
    "PlaceEdit",
    "PlaceImportChange",
    "PlaceMistake",
    "PlaceNotice",
    "PlaceNoticeQuerySet",
    "PlaceQuerySet",
    "PlaceSource",
    "Reservation",
    "ReservationQuerySet",
    "Signposting",
    "AlarmWords",
    "DangerAlarm",
    "DangerAlarmQuerySet",
    "NeedSharing",
    "NeedSharingQuerySet",
    "AssignmentState",
    "NeedAssignment",
    "NeedAssignmentQuerySet",
    "ReliefGroup",
    "ReliefGroupQuerySet",
    "ReliefMember",
    "SiteCategory",
    "BudgetRaise",
    "HelpOffer",
    "HelpOfferQuerySet",
    "PlaceView",
    "ReporterAddress",
    "ReporterAddressQuerySet",
    "ReporterNews",
]

REPORT_MODELS: dict[ReportKind, Any] = {
    ReportKind.TOUR: Tour,
    ReportKind.ENCOUNTER: Encounter,
    ReportKind.CITIZEN_REPORT: CitizenReport,
    ReportKind.NEED: Need,
    ReportKind.AID: Aid,
}
