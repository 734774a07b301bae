"""The texts of messages to reporters. The messages contain no place, no name and no word of the report.

If violence is possible, they reveal nothing at all: somebody else may hold the phone (docs/danger-alarms.md).
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from needs.enums import Category, News
from needs.models import Need, NeedStep, ReporterNews
from needs.reports.danger import alarm_receipts
from needs.reports.need_wording import plain_steps
from solidarity.lib.site.emergency_gate import shelter_line


@dataclass(frozen=True, slots=True)
class NewsText:
    """Title and text of a message, in the active language."""

    title: str
    body: str


def text_of_link(need: Need) -> NewsText:
    """Return the text that goes with the private link. It begins with the number to call for a bed, if one is needed."""
    if alarm_receipts.is_discreet(need.pk):
        return NewsText(_("Information"), "")
    keep = _("Keep this message: its link shows what becomes of it.")
    line = shelter_line() if Category.SHELTER in need.kinds else None
    if line is not None:
        keep = f"{_('For a bed tonight, call %(number)s.') % {'number': line.number}} {keep}"
    return NewsText(_("Your report"), keep)


def text_of_news(row: ReporterNews) -> NewsText | None:
    """Return the text of a piece of news; None if its step, message or commitment no longer exists."""
    step = None
    if row.news == News.STEP:
        step = NeedStep.objects.filter(pk=row.of).first()
        if step is None:
            return None
    if alarm_receipts.is_discreet(row.address.need_id):
        return NewsText(_("Information"), _("There is something new."))
    if step is not None:
        words = str(plain_steps([step])[0].words)
    elif row.news == News.MESSAGE:
        words = _("Somebody wrote to you. You can read it and answer on the page.")
    else:
        words = _("The person who wanted to help could not do it in time. Others can help now.")
    return NewsText(_("News about your report"), words)
