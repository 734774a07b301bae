"""The external edition of a zone report as a PDF: the only edition that may be mailed or filed."""

from mapping.zone_reports.report_period import Period
from volunteers.models import Territory


class NothingPublished(ValueError):
    """No figures of this territory and period are published. The message is for the reader, in the language of the
    report."""


def external_report(territory: Territory, period: Period, language: str, recipient: str = "") -> bytes:
    """Return the PDF of the external edition in a language ("en", "fr").

    It contains the published weeks whose Thursday is in the period, so that reports of consecutive months neither
    overlap nor leave days out; the cover says which days these are. recipient: a line on the cover, or empty. Raise
    NothingPublished if there is no such week, or if the public map shows nothing of this territory. The author of the
    call must have checked that the recipient may ask for the territory's report.
    """
    raise NotImplementedError
