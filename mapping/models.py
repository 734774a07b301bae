"""All models of mapping. Each model is defined in the folder of its subject."""

from mapping.calendar_feeds.models import CalendarFeed
from mapping.citizen_rates.models import CitizenRates
from mapping.coverage.lake.models import LakeChange, LakeMark
from mapping.coverage.models import (
    CellState,
    CellTouch,
    CoverageSettings,
    Evidence,
    LowZoomCell,
    Recompute,
    RetainedEvidence,
    UnfoldedReport,
    Zone,
    ZoneChange,
    ZoneQuerySet,
    evidence_day,
    moment_of,
)
from mapping.digests.models import Digest
from mapping.exports.models import Export
from mapping.file_imports.models import FileImport, SavedMapping
from mapping.map.models import MapVersion
from mapping.offboarding.models import Departure
from mapping.overrides.models import FieldNote, FieldNoteQuerySet, Override, OverrideQuerySet
from mapping.parameters.models import Parameters, ParametersQuerySet
from mapping.recurring_needs.models import MonthlyNeed
from mapping.releases.models import CountLedger, PublicPlace, PublicWeek, ReleaseFiles
from mapping.releases.release_models import Release, ReleaseQuerySet
from mapping.scheduled_reports.models import (
    ReportMail,
    ReportRun,
    ReportSchedule,
    ScheduleRecipient,
    StoppedMailbox,
)
from mapping.self_checks.models import CheckedAssociation, CheckedDay, Prediction, SelfCheckNotice
from mapping.unseen.models import Hindcast, UnseenFigure
from mapping.winters.models import MonthlySum
from mapping.zone_reports.field_words.models import QuotedNote
from mapping.zone_reports.models import ReportAgreement, ZoneReport

__all__ = [
    "CalendarFeed",
    "CitizenRates",
    "CheckedAssociation",
    "CheckedDay",
    "CoverageSettings",
    "RetainedEvidence",
    "CellState",
    "CellTouch",
    "CountLedger",
    "Digest",
    "Evidence",
    "Export",
    "FieldNote",
    "FieldNoteQuerySet",
    "FileImport",
    "MonthlyNeed",
    "MonthlySum",
    "Override",
    "Prediction",
    "OverrideQuerySet",
    "Parameters",
    "ParametersQuerySet",
    "LakeChange",
    "LakeMark",
    "LowZoomCell",
    "MapVersion",
    "Departure",
    "PublicPlace",
    "ReportMail",
    "ReportRun",
    "ReportSchedule",
    "PublicWeek",
    "SavedMapping",
    "ScheduleRecipient",
    "StoppedMailbox",
    "Recompute",
    "Release",
    "ReleaseFiles",
    "ReleaseQuerySet",
    "ReportAgreement",
    "UnfoldedReport",
    "UnseenFigure",
    "Hindcast",
    "Zone",
    "ZoneChange",
    "ZoneQuerySet",
    "QuotedNote",
    "SelfCheckNotice",
    "ZoneReport",
    "evidence_day",
    "moment_of",
]
