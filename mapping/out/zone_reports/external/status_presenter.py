"""Presentation of an external report without counts in the reader's language, for its page and its files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from mapping.enums import KEY_STATUS
from mapping.map.releases.public.public_page import coverage_words
from mapping.map.wording.status_words import status_of_figures
from mapping.models import ZoneReport
from mapping.out.zone_reports import report_wording
from mapping.out.zone_reports.external import external_presenter
from mapping.out.zone_reports.report_issuer import Issuer, issuer_of
from needs.enums import Category


@dataclass(frozen=True, slots=True)
class StatusPart:
    """A part of the territory. label: the name of its status, "–" without a count of people. searched: the share of its
    cells that teams searched."""

    slug: str
    name: str
    status: str
    label: str
    searched: str


@dataclass(frozen=True, slots=True)
class StatusPresentation:
    """Everything that the page and the files show. asked: why the period is not the chosen one, or empty. without_words: empty,
    because these reports quote no team."""

    name: str
    period: str
    asked: str
    sentence: str
    issuer: Issuer
    recipient: str
    parts: Sequence[StatusPart]
    kinds: Sequence[str]
    method: Sequence[str]
    before: str = ""
    left_out: str = ""
    without_words: str = ""


def present(report: ZoneReport) -> StatusPresentation:
    """Present a report without counts in the active language."""
    payload: dict[str, Any] = report.payload
    return StatusPresentation(
        name=payload["territory"]["name"],
        period=external_presenter.days(payload["period"]),
        asked=external_presenter.asked_words(payload),
        sentence=_("Where teams searched, and what help they gave, without counts."),
        issuer=issuer_of(report.issuer),
        recipient=report.recipient,
        parts=parts(payload),
        kinds=[str(Category(kind).label) for kind in payload["kinds"]],
        method=_method(payload),
    )


def parts(payload: dict[str, Any]) -> list[StatusPart]:
    """Return the parts of the territory with their statuses in words."""
    return [
        StatusPart(row["slug"], row["name"], row["status"], _label(row, payload), coverage_words(row["coverage"]))
        for row in payload["parts"]
    ]


def _label(row: dict[str, Any], payload: dict[str, Any]) -> str:
    if not row["status"]:
        return "–"
    return status_of_figures(KEY_STATUS[row["status"]], 0 if row["coverage"] else None, payload["recent_days"])


def _method(payload: dict[str, Any]) -> list[str]:
    day = report_wording.long_day(date.fromisoformat(payload["as_of"]))
    return [
        _("Only two associations report here. Each could subtract its own part from a figure, so this report has no "
          "counts. Both agreed to it."),
        _("The statuses are those of %(day)s. “–”: nobody counted the people here, so there is no status.")
        % {"day": day},
        _("A kind of need is named if teams answered several needs of it in the whole territory."),
        _("No data does not mean no need. Help and searches that nobody logged are missing here."),
    ]  # fmt: skip
