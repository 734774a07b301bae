"""Sentences for the reasons of an import, in the reader's language. Unknown codes keep the engine's English sentence."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from needs.guide.places.imports.place_reasons import REASONS as PLACE_REASONS
from needs.reports.importers.any_table.uploaded_tables import PROBLEMS as TABLE_PROBLEMS
from needs.reports.importers.row_outcomes import Reason

SENTENCES: dict[str, str | Promise] = {
    "known": _("This row was imported before. Nothing was changed."),
    "number_twice": _("An earlier row of the file contains the same report."),
    "other_content": _("This report is already stored with other content. The stored report was not changed."),
    "broken_row": _("The row cannot be read: its number of cells differs from the column names."),
    "not_stored": _("The database refused the row."),
    "no_coordinates": _("The row has no coordinates."),
    "unreadable_coordinates": _("The coordinates cannot be read."),
    "impossible_coordinates": _("The coordinates are out of range."),
    "coordinates_exchanged": _("Latitude and longitude were swapped."),
    "outside_territory": _("The point is outside the territory."),
    "address_found": _("The place was looked up from the address. Check it."),
    "no_place": _("Encounters, people seen and help given need a place on the map."),
    "no_date": _("The row has no date."),
    "unreadable_date": _("The date cannot be read."),
    "date_order": _("Day and month may be swapped. They were read like the other dates of the file."),
    "date_order_unknown": _("The order of day and month is unclear. Choose it for the whole file."),
    "in_future": _("The date is in the future."),
    "date_1970": _("The date is in 1970 or before. The real date is probably missing."),
    "hour_skipped": _("The clock skips this hour in spring. It was read in winter time."),
    "hour_twice": _("The clock repeats this hour in autumn. The first one was used."),
    "html_entities": _("Codes in the text were replaced by their characters."),
    "mojibake": _("Characters that another program had damaged were restored."),
    "control_characters": _("Invisible characters were removed from the text."),
    "shortened": _("The text was cut to the length of its field."),
    "unreadable_characters": _("Some characters cannot be read. Check the encoding."),
    "phone_in_text": _("The texts contain a telephone number. Dispatchers can read it."),
    "contact_dropped": _("The contact was left out."),
    "unreadable_number": _("The number of people is not a number."),
    "impossible_number": _("The number of people is not between 0 and 500."),
    "no_text": _("Kinds of help, title and description are empty."),
    "no_category": _("The row has no kind of help. It was read from the title, or set to “other”."),
    "unknown_category": _("An unknown kind of help was imported as “other”."),
    "kind_from_title": _("The category is unknown. The kind of help was read from the title."),
    "unknown_mark": _("A yes-or-no column holds another word. It was read as no."),
    "unknown_state": _("The state is unknown. The need waits for a moderator."),
    "not_approved": _("This report was not approved. It waits for a moderator."),
    "distribution": _("The row says that help was distributed. It is stored as help given."),
    **PLACE_REASONS,
}
PROBLEMS: dict[str, str | Promise] = {
    **TABLE_PROBLEMS,
    "long": _("It took too long. Split the file into smaller ones."),
    "files": _("The file is no longer on the server, or there is no room left. Upload it again."),
    "unknown": _("Something went wrong. Nothing more was stored. Please try again."),
}


def sentence_of(code: str) -> str:
    """Return the sentence of a reason's code, or the code itself."""
    return str(SENTENCES.get(code, code))


def said(reason: Reason) -> str:
    """Return a reason as the row log shows it: the code, and the sentence in the active language."""
    return f"{reason.code}: {SENTENCES.get(reason.code, reason.sentence)}"
