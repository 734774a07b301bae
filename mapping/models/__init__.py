"""What the reports mean: territories, cells, evidence, zones, releases, zone reports."""

from mapping.models.assignments import Assignment, AssignmentQuerySet
from mapping.models.cells import Cell, CellState
from mapping.models.cold import ColdPlan, ColdPlanQuerySet, ColdTrigger
from mapping.models.evidence import Carried, CarriedVoice, CellTouch, Evidence, evidence_day
from mapping.models.figures import MonthlyNeed, UnseenFigure
from mapping.models.files import Export, Parting, ZoneReport
from mapping.models.notes import FieldNote, FieldNoteQuerySet
from mapping.models.overrides import Override, OverrideQuerySet
from mapping.models.parameters import Parameters, ParametersQuerySet
from mapping.models.recomputes import Recompute
from mapping.models.releases import CountLedger, PublicPlace, Release, ReleaseFiles, ReleaseQuerySet
from mapping.models.territories import Territory, TerritoryQuerySet
from mapping.models.zones import ParentCell, Zone, ZoneChange, ZoneQuerySet

__all__ = [
    "Assignment",
    "AssignmentQuerySet",
    "Carried",
    "CarriedVoice",
    "Cell",
    "CellState",
    "CellTouch",
    "ColdPlan",
    "ColdPlanQuerySet",
    "ColdTrigger",
    "CountLedger",
    "Evidence",
    "Export",
    "FieldNote",
    "FieldNoteQuerySet",
    "MonthlyNeed",
    "Override",
    "OverrideQuerySet",
    "Parameters",
    "ParametersQuerySet",
    "ParentCell",
    "Parting",
    "PublicPlace",
    "Recompute",
    "Release",
    "ReleaseFiles",
    "ReleaseQuerySet",
    "Territory",
    "TerritoryQuerySet",
    "UnseenFigure",
    "Zone",
    "ZoneChange",
    "ZoneQuerySet",
    "ZoneReport",
    "evidence_day",
]
