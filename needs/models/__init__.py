"""What was seen and what was asked for: tours, encounters, citizen reports, needs, aid, commitments, imports.

The tables of this package are the ledger. Every report carries an id minted by whoever filed it (idempotent by
constraint) and a hash of its content (a second filing with other content is a conflict).
"""

from needs.models.commitments import (
    Capacity,
    Commitment,
    CommitmentPart,
    CommitmentQuerySet,
    Feedback,
    HandOver,
    Proposal,
    ProposalQuerySet,
)
from needs.models.crises import Crisis, CrisisCategory, CrisisQuerySet
from needs.models.field import (
    Aid,
    AidQuerySet,
    CitizenReport,
    CitizenReportQuerySet,
    Encounter,
    EncounterQuerySet,
    Retraction,
    Tour,
    TourCell,
    TourQuerySet,
)
from needs.models.imports import ImportRun
from needs.models.keeping import Erasure, RetentionRun, SourceKey
from needs.models.need import Need, NeedPhoto, NeedQuerySet, NeedStep
from needs.models.plans import PlannedTour, PlannedTourQuerySet, Seat
from needs.models.questions import Question, QuestionSet, QuestionSetQuerySet
from needs.models.receipts import Receipt, ReceiptQuerySet
from needs.models.relay import RelayedMessage, RelayedMessageQuerySet
from needs.models.report import Report, ReportQuerySet
from needs.models.sorting import CallAttempt, Merge, NeedLock, NeedLockQuerySet, NotDuplicate, SavedSearch
from needs.models.tongue import TongueReview
from needs.models.voice import VoiceNote, VoiceNoteQuerySet

__all__ = [
    "Aid",
    "AidQuerySet",
    "CallAttempt",
    "Capacity",
    "CitizenReport",
    "CitizenReportQuerySet",
    "Commitment",
    "CommitmentPart",
    "CommitmentQuerySet",
    "Crisis",
    "CrisisCategory",
    "CrisisQuerySet",
    "Encounter",
    "EncounterQuerySet",
    "Erasure",
    "Feedback",
    "HandOver",
    "ImportRun",
    "Merge",
    "Need",
    "NeedLock",
    "NeedLockQuerySet",
    "NeedPhoto",
    "NeedQuerySet",
    "NeedStep",
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
    "RelayedMessage",
    "RelayedMessageQuerySet",
    "Report",
    "ReportQuerySet",
    "RetentionRun",
    "Retraction",
    "SavedSearch",
    "Seat",
    "SourceKey",
    "Tour",
    "TourCell",
    "TourQuerySet",
    "VoiceNote",
    "VoiceNoteQuerySet",
    "TongueReview",
]
