"""Making the external edition of a zone report, and its PDF, which may be stored elsewhere and sent by mail."""

from datetime import date
from typing import Any

from django.utils import timezone, translation

from mapping.enums import Edition
from mapping.models import ZoneReport
from mapping.out.report_figures.report_period import Period
from mapping.out.zone_reports.external import external_figures, external_presenter, status_presenter, status_report
from mapping.out.zone_reports.external.external_figures import NothingPublished
from mapping.out.zone_reports.report_pdf import pdf_of
from volunteers.models import Association, Territory

__all__ = ["NothingPublished", "external_report", "make_external_report", "pdf"]


def external_report(territory: Territory, period: Period, language: str, recipient: str = "") -> bytes:
    """Return the PDF of the external edition in a language ("en", "fr").

    The report contains the published weeks with a Thursday in the period, so that reports of consecutive months neither
    overlap nor leave days out. The cover names the first and the last day. recipient: a line on the cover, or empty.
    Where nothing is published because only two associations report, the report has no counts (status_report). Raise
    NothingPublished if there is no such week, or if the public map shows no place in this territory; NotAgreed if the
    two associations have not both agreed. The caller checks who may get the report.
    """
    with translation.override(language):
        return pdf(_external(territory, period, None, None, recipient))


def make_external_report(
    territory: Territory, period: Period, author: Any, issuer: Association | None = None, recipient: str = ""
) -> ZoneReport:
    """Compose and store an external report, as :func:`external_report` describes it. issuer: the association on the
    cover; None for the organisation that runs the site. Raise NothingPublished."""
    report = _external(territory, period, author, issuer, recipient)
    report.save()
    return report


def _external(
    territory: Territory, period: Period, author: Any, issuer: Association | None, recipient: str
) -> ZoneReport:
    try:
        payload = external_figures.compose(territory, period)
    except NothingPublished:
        without_counts = status_report.compose(territory, period)
        if without_counts is None:
            raise
        payload = without_counts
    return ZoneReport(
        territory=territory,
        start=date.fromisoformat(payload["period"]["start"]),
        end=date.fromisoformat(payload["period"]["end"]),
        made_at=timezone.now(),
        author=author,
        edition=Edition.EXTERNAL,
        issuer=issuer,
        recipient=recipient,
        payload=payload,
    )


def pdf(report: ZoneReport) -> bytes:
    """Return the PDF of an external report in the active language."""
    if report.without_counts:
        return pdf_of(
            "mapping/zone_reports/status_pdf.html", {"report": report, "page": status_presenter.present(report)}
        )
    page = external_presenter.present(report)
    return pdf_of("mapping/zone_reports/external_pdf.html", {"report": report, "page": page})
