"""The reasons why a row of another guide was repaired, refused or known, in words for people."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from needs.reports.importers.row_outcomes import Findings, Reason, UnusableRow

REASONS: dict[str, str | Promise] = {
    "same_place": _("An earlier row of the file contains the same place."),
    "place_updated": _("The place was known. What the source had said before was replaced."),
    "place_merged": _("The place was known from elsewhere. Only what was missing was added."),
    "place_conflict": _("The row contradicts the entry. Nothing was overwritten: somebody has to decide."),
    "no_kind": _("The row does not say what there is, or it is nothing that the guide lists."),
    "no_name": _("The row has no name. The place is named after what it offers and its address."),
    "no_key": _("The row has no number of its own, so it could not be found again. It was left out."),
    "hours_as_text": _("The opening hours cannot be read by the program. They are kept as a sentence."),
    "hours_for_a_year": _("The opening hours are written as dates for twelve months. Import the file again by then."),
    "hours_over": _("The opening hours were valid until a day in the past. They were left out."),
    "unreadable_phone": _("The telephone number is not a number. It was left out."),
    "unreadable_email": _("The e-mail address cannot be right. It was left out."),
    "unreadable_website": _("The website is not an address that begins with http. It was left out."),
    "unknown_language": _("The list of languages has one that the guide does not know. It was left out."),
    "formatting_removed": _("Formatting was removed from the text."),
    "moving_place": _("This service moves about. The guide lists fixed places only."),
    "not_published": _("The source does not publish this place."),
    "not_for_everybody": _("This place is private or for customers only."),
    "no_place_to_go": _("This service is offered by telephone or online only: there is no place to go to."),
    "closed_for_good": _("The source says that the place is closed for good. If the guide has it, close it there."),
    "far_outside": _("The point is more than 50 km outside the territory."),
    "notice_added": _("A notice was added: the place is closed for a time, or something else is different."),
    "notice_without_end": _("The source does not say until when it is closed. The notice ends after 14 days."),
    "notice_over": _("The source says that it is closed, until a day in the past. No notice was added."),
    "address_stays_hidden": _("The address of this place is kept secret here. The row’s address was ignored."),
    "point_of_many": _("The place has several points. The first one was used."),
}


def reason(code: str) -> Reason:
    """Return the reason of a code, with its sentence in the active language."""
    return Reason(code, str(REASONS[code]))


def unusable(code: str) -> UnusableRow:
    """Return the error that refuses a row."""
    return UnusableRow(code, str(REASONS[code]))


def repair(findings: Findings, code: str) -> None:
    """Note that a value was changed."""
    findings.repair(code, str(REASONS[code]))


def remark(findings: Findings, code: str) -> None:
    """Note something about a row that changed no value."""
    findings.remark(code, str(REASONS[code]))
