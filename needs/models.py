"""All models of needs, imported from the subpackages that define them."""

from typing import Any

from needs.association_figures.models import AssociationMonth
from needs.attachments.models import NeedPhoto, VoiceNote, VoiceNoteQuerySet
from needs.channels.mail.models import MailDetails
from needs.channels.models import Correspondent, Dialogue, InboundMessage, OutboundMessage, ReceivedId
from needs.cold_plans.models import ColdPlan, ColdPlanQuerySet, ColdTrigger
from needs.commitments.models import (
    Commitment,
    CommitmentPart,
    CommitmentQuerySet,
    Feedback,
    HandOver,
    HandOverQuerySet,
)
from needs.conversations.models import (
    Conversation,
    Message,
    MessageQuerySet,
    MessageRead,
    RefusedMessage,
)
from needs.corrections.models import Correction, CorrectionQuerySet
from needs.crises.models import Crisis, CrisisAgreement, CrisisCategory, CrisisHandOver, CrisisQuerySet
from needs.custom_questions.models import Question, QuestionSet, QuestionSetQuerySet
from needs.danger.models import AlarmStepTaken, AlarmWords, DangerAlarm, DangerAlarmQuerySet
from needs.desk.models import NeedSharing, NeedSharingQuerySet
from needs.enums import ReportKind
from needs.exact_places.models import BudgetRaise, HelpOffer, HelpOfferQuerySet, PlaceView
from needs.following.models import ReporterAddress, ReporterAddressQuerySet, ReporterNews
from needs.groups.models import Group, GroupMember, JoinRequest
from needs.importers.models import ImportRun
from needs.language_reviews.models import LanguageReview
from needs.lending.models import Item, ItemPhoto, ItemQuerySet, StockMove, Wish, WishQuerySet
from needs.loans.models import (
    ConditionNote,
    Loan,
    LoanedPiece,
    LoanQuerySet,
    LoanStep,
)
from needs.local_events.models import EventException, EventSeat, LocalEvent, LocalEventQuerySet, RoundStop
from needs.matching.models import Capacity, Proposal, ProposalQuerySet
from needs.moderation.models import (
    CaseQuerySet,
    ContentReport,
    HeldWord,
    ModerationCase,
    ModerationMonth,
    PersonBlock,
    WritingPause,
)
from needs.next_crew_words.models import NextCrewWord, NextCrewWordQuerySet, WordSeen
from needs.offers.models import Offer, OfferQuerySet, OfferRequest
from needs.phone_queue.models import Receipt, ReceiptQuerySet
from needs.places.imports.models import PlaceImportChange
from needs.places.models import (
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
from needs.relief_groups.models import (
    AssignmentState,
    NeedAssignment,
    NeedAssignmentQuerySet,
    ReliefGroup,
    ReliefGroupQuerySet,
    ReliefMember,
)
from needs.reports.models import (
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
from needs.retention.models import Erasure, RetentionRun, SourceKey
from needs.saved_searches.models import SavedSearch, SavedSearchQuerySet
from needs.site_categories.models import SiteCategory
from needs.stock_labels.models import WaitingScan
from needs.tour_requests.models import TourRequest, TourRequestQuerySet
from needs.tour_seats.models import Seat, SeatWish
from needs.tour_stops.models import TourStop, TourStopQuerySet
from needs.tours.models import PlannedTour, PlannedTourQuerySet, Tour, TourCell, TourQuerySet
from needs.triage.models import CallAttempt, Merge, NeedLock, NeedLockQuerySet, NotDuplicate

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
