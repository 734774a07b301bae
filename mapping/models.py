"""All models of mapping. Each model is defined in the folder of its subject."""

from mapping.coverage.cells.models import (
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
from mapping.coverage.cells.parameter_models import Parameters, ParametersQuerySet
from mapping.coverage.cells.release_models import Release, ReleaseQuerySet
from mapping.coverage.citizen_rates.models import CitizenRates
from mapping.coverage.lake.models import LakeChange, LakeMark
from mapping.coverage.unseen.models import Hindcast, UnseenFigure
from mapping.map.live.models import MapVersion
from mapping.map.overrides.models import FieldNote, FieldNoteQuerySet, Override, OverrideQuerySet
from mapping.map.releases.models import CountLedger, PublicPlace, PublicWeek, ReleaseFiles
from mapping.out.calendar_feeds.models import CalendarFeed
from mapping.out.digests.models import Digest
from mapping.out.exports.models import Export
from mapping.out.file_imports.models import FileImport, SavedMapping
from mapping.out.offboarding.models import Departure
from mapping.out.scheduled_reports.models import (
    ReportMail,
    ReportRun,
    ReportSchedule,
    ScheduleRecipient,
    StoppedMailbox,
)
from mapping.out.winters.models import MonthlySum
from mapping.out.zone_reports.field_words.models import QuotedNote
from mapping.out.zone_reports.models import ReportAgreement, ZoneReport
from mapping.plans.recurring_needs.models import MonthlyNeed
from mapping.plans.self_checks.models import CheckedAssociation, CheckedDay, Prediction, SelfCheckNotice

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
