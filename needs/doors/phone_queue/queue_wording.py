"""The texts of the phone queue page, which JavaScript renders on the phone."""

from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _


def queue_texts() -> dict[str, Any]:
    """Return the texts in the reader's language; the phone fills in NUMBER and TIME.

    The texts for members are omitted in languages that only the public pages have.
    """
    public = get_language() in dict(settings.PUBLIC_LANGUAGES)
    return {
        "kinds": {
            "need": _("Need"),
            "crisis": _("Need"),
            "photo": _("Photo"),
            "other": _("Report"),
            **({} if public else _member_kinds()),
        },
        "states": {
            "queued": _("waits for the network"),
            "behind": _("is sent right after its report"),
            "again": _("sending failed, waits for the network"),
            "sending": _("is being sent"),
            "held": _("is kept for three minutes, because more taps may be added"),
            "refused": _("refused by the server"),
            "place": _("place missing: say where it was"),
            "signin": _("waits until its account signs in"),
            **({} if public else {"other": _("belongs to another account")}),
        },
        "reasons": {
            "offline": _("No network at the moment. Sending continues by itself."),
            "server": _("The server has a problem at the moment. Sending continues by itself."),
            "sign_in": _("Sign in to send the rest."),
            **({} if public else {"other_account": _("The remaining reports belong to another account.")}),
            "storage": _("The storage of this browser does not answer. Close other tabs of this site and try again."),
        },
        "person": _("one person"),
        "persons": _("NUMBER people"),
        "deleted": _("Deleted from this phone."),
        "deletedMaybe": " ".join(
            (
                _("Deleted from this phone."),
                _("It was sent before without an answer, so the server may have it already."),
            )
        ),
        "gone": _("The browser has lost this file."),
        "arrivedOne": _("One report arrived in the last days."),
        "arrivedMany": _("NUMBER reports arrived in the last days."),
        "follow": _("Need of TIME: see its status"),
        "trying": _("Trying…"),
        "exported": _("The file is saved. The reports also stay here until they arrive."),
        "importedOne": _("One report was read. It is sent like those written here."),
        "importedMany": _("NUMBER reports were read. They are sent like those written here."),
        "notImported": _("We cannot read this file: it does not contain waiting reports."),
        "full": _("The storage of this phone is full: nothing was read. Make some room, then try again."),
    }


def _member_kinds() -> dict[str, str]:
    return {
        "encounter": _("Encounter"),
        "nobody": _("I looked here and met nobody"),
        "tour-start": _("Start of a tour"),
        "tour-stop": _("End of a tour"),
        "tour-tap": _("Encounter on a tour"),
        "tour-minutes": _("End of a tour"),
        "stop-outcome": _("Outcome of a stop"),
        "stock-scan": _("Scan of the stock"),
        "take-back": _("Retraction of a report"),
        "next-word": _("Word to the next crew"),
        "decline": _("No to a proposal"),
        "close-crisis": _("Closing of an event"),
        "voice": _("Voice note"),
        "signposted": _("Told about a place"),
    }
