"""Choices of the mapping app."""

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Status(models.IntegerChoices):
    """Statuses of cells and zones (docs/model.md). mapping.map.wording.status_words names them on pages and in files."""

    COVERED = 1, _("covered")
    UNDER_COVERED = 2, _("under-covered")
    UNCOVERED = 3, _("uncovered")
    TO_VERIFY = 4, _("to verify")
    NOT_SEARCHED = 5, _("never searched, or searched too little")
    CONTRADICTORY = 6, _("contradictory")
    SEARCHED = 7, _("searched")


STATUS_KEYS = {
    Status.COVERED: "covered",
    Status.UNDER_COVERED: "under_covered",
    Status.UNCOVERED: "uncovered",
    Status.TO_VERIFY: "to_verify",
    Status.NOT_SEARCHED: "not_searched",
    Status.CONTRADICTORY: "contradictory",
    Status.SEARCHED: "searched",
}
KEY_STATUS = {key: status for status, key in STATUS_KEYS.items()}

# The order of statuses in legends, filters and counts: the map's main message comes first.
LEGEND = (
    Status.TO_VERIFY,
    Status.UNCOVERED,
    Status.UNDER_COVERED,
    Status.NOT_SEARCHED,
    Status.CONTRADICTORY,
    Status.COVERED,
)
# Without a count with a source, a place is "to verify" (needs are reported), "not searched" or "searched"; nothing says
# whether help is enough. Legends and counts name "searched" only where it occurs.
ALL_STATUSES = (*LEGEND, Status.SEARCHED)
OF_SEARCH = (Status.TO_VERIFY, Status.NOT_SEARCHED, Status.SEARCHED)

# Statuses from most to least urgent. Tables use this order. Where several statuses are equally frequent, the most
# urgent of them is chosen.
URGENCY = (
    Status.UNCOVERED,
    Status.UNDER_COVERED,
    Status.TO_VERIFY,
    Status.NOT_SEARCHED,
    Status.CONTRADICTORY,
    Status.SEARCHED,
    Status.COVERED,
)


class Source(models.IntegerChoices):
    """The source of an evidence row, which decides its weight (docs/model.md)."""

    LOGGED = 0, _("an association's search with logged time")
    UNLOGGED = 1, _("an association's search without logged time")
    CITIZEN_ACCOUNT = 2, _("a citizen with an account")
    CITIZEN = 3, _("a citizen without an account")


class ExportFormat(models.TextChoices):
    """Formats of exported files. WORDS is a CSV for people: semicolons, a byte order mark, values in words. CSV is for
    programs: codes, ISO times."""

    WORDS = "words", _("CSV to read")
    CSV = "csv", _("CSV for programs")
    GEOJSON = "geojson", "GeoJSON"
    GEOPACKAGE = "gpkg", "GeoPackage"
    XLSX = "xlsx", "XLSX"
    PDF = "pdf", "PDF"

    @property
    def extension(self) -> str:
        """Extension of the file name."""
        return "csv" if self is ExportFormat.WORDS else self.value

    @property
    def content_type(self) -> str:
        """Media type of the download."""
        return _CONTENT_TYPES[self]


def export_formats() -> list[tuple[str, str | Promise]]:
    """Return the choices of a column. Migrations name this function, so that a new format needs no migration."""
    return [(format.value, format.label) for format in ExportFormat]


_CONTENT_TYPES = {
    ExportFormat.WORDS: "text/csv; charset=utf-8",
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.GEOPACKAGE: "application/geopackage+sqlite3",
    ExportFormat.GEOJSON: "application/geo+json",
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportFormat.PDF: "application/pdf",
}


class Edition(models.TextChoices):
    """Editions of a zone report. Only the external edition may leave the site."""

    INTERNAL = "internal", _("internal edition")
    EXTERNAL = "external", _("external edition")


class CheckFinding(models.TextChoices):
    """What the self-checks find about an association."""

    UNLOGGED = "unlogged", _("many tours log no time")
    SEARCH = "search", _("the logged time does not fit how the map counts a search")


class ExportKind(models.TextChoices):
    ZONES = "zones", _("zone report")
    REPORTS = "reports", _("reports, one per row")


class ExportState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("ready")
    FAILED = "failed", _("failed")


class ScheduledContent(models.TextChoices):
    """Content of a scheduled report (mapping.out.scheduled_reports)."""

    EXTERNAL = "external", _("external report, PDF in the mail")
    INTERNAL = "internal", _("full report, by link")
    ROWS = "rows", _("file of reports, by link")


class Rhythm(models.TextChoices):
    WEEK = "week", _("every week")
    MONTH = "month", _("every month")


class OverReason(models.TextChoices):
    """Reasons why a scheduled report is over."""

    END = "end", _("its last day has passed")
    PERSON = "person", _("somebody stopped it")
    DUTY = "duty", _("the person who set it no longer coordinates the territory")


class FeedScope(models.TextChoices):
    """The people whose planned tours a calendar feed contains."""

    OWN = "own", _("my tours")
    ASSOCIATION = "association", _("tours of an association")
    TERRITORY = "territory", _("tours in a territory")
