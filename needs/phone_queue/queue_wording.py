"""What the outbox page says; the page itself is drawn on the phone."""

from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _


def words() -> dict[str, Any]:
    """In the reader's language. NUMBER and TIME are filled in on the phone.

    In the languages of the public pages there are only the words of what somebody without account meets.
    """
    public = get_language() in dict(settings.PUBLIC_LANGUAGES)
    return {
        "kinds": {
            "need": _("Need"),
            "crisis": _("Need"),
            "photo": _("Photo"),
            "other": _("Report"),
            **({} if public else _of_members()),
        },
        "states": {
            "queued": _("waits for the network"),
            "behind": _("leaves right after the report that it belongs to"),
            "again": _("was tried, waits for the network"),
            "sending": _("is being sent"),
            "refused": _("refused by the server"),
            "place": _("waits for its place: say where it was"),
            "signin": _("waits until its account signs in"),
            **({} if public else {"other": _("belongs to another account")}),
        },
        "reasons": {
            "offline": _("No network at the moment. It goes on by itself."),
            "server": _("The server does not answer well at the moment. It goes on by itself."),
            "sign_in": _("Sign in, so that the rest can be sent."),
            **({} if public else {"other_account": _("What is left belongs to another account.")}),
            "storage": _("The storage of this browser does not answer. Close other tabs of this site and try again."),
        },
        "person": _("one person"),
        "persons": _("NUMBER people"),
        "gone": _("The browser has lost this file."),
        "arrivedOne": _("One report arrived in the last days."),
        "arrivedMany": _("NUMBER reports arrived in the last days."),
        "follow": _("Need of TIME: see what became of it"),
        "trying": _("Trying…"),
        "exported": _("The file is saved. What waits stays here as well until it has arrived."),
        "importedOne": _("One report was read. It is sent like those written here."),
        "importedMany": _("NUMBER reports were read. They are sent like those written here."),
        "notImported": _("This is no file of waiting reports that we can read."),
        "full": _("The storage of this phone is full: nothing was read. Make some room, then try again."),
    }


def _of_members() -> dict[str, str]:
    return {
        "encounter": _("Encounter"),
        "nobody": _("I looked here and met nobody"),
        "tour-start": _("Start of a tour"),
        "tour-stop": _("End of a tour"),
        "tour-tap": _("Encounter on a tour"),
        "tour-walked": _("End of a tour"),
        "take-back": _("Taking something back"),
        "voice": _("Voice note"),
    }
