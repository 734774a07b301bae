"""Public languages: additional languages for people who need help and read neither English nor French.

Every page exists in ``settings.LANGUAGES``. The languages in ``settings.PUBLIC_LANGUAGES`` exist only on pages that are
marked with :func:`in_public_languages`. Django's cookie stores the chosen language. Pages that lack the chosen language
use the complete language that the browser prefers (docs/languages.md).
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polib
from django.conf import settings
from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

from solidarity.lib.site import site_choices

PICTURES_COOKIE = "pictures"

# Other codes that browsers send for our languages. Phones send Persian for Dari, for example.
_ALSO = {"fa": "prs", "mo": "ro", "pus": "ps", "tir": "ti"}


_OWN_NAMES = {"en": "English", "fr": "Français", **dict(settings.PUBLIC_LANGUAGES)}


def in_public_languages(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view with a page and messages that exist in all public languages."""
    view.public_languages = True  # type: ignore[attr-defined]
    return view


def in_public_languages_without_account(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view with a page that exists in all public languages for visitors without an account."""
    view.public_languages_without_account = True  # type: ignore[attr-defined]
    return view


def codes() -> list[str]:
    """Return the codes of the languages in which this site offers public pages, with the complete languages first."""
    return [*dict(settings.LANGUAGES), *site_choices.public_languages()]


def own_name(code: str) -> str:
    """Return a language's name in that language; "" for an unknown code."""
    return _OWN_NAMES.get(code, "")


def wanted(request: HttpRequest) -> str | None:
    """Return the language for a public page: the chosen language, else the browser's first known language, else
    None."""
    known = set(codes())
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if chosen in known:
        return chosen
    for asked, _weight in parse_accept_lang_header(request.META.get("HTTP_ACCEPT_LANGUAGE", "").lower()):
        base = asked.partition("-")[0]
        for code in (asked, base, _ALSO.get(base, "")):
            if code in known:
                return code
    return None


class PublicLanguageMiddleware(LocaleMiddleware):
    """Django's language selection, extended to the public languages on marked pages.

    The middleware runs before the view's CSRF check, so that a CSRF error appears in the same language.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Use the site's main language if the reader chose none and the browser asks for no complete language."""
        super().process_request(request)
        if not _asks_for_a_complete_language(request):
            translation.activate(site_choices.main_language())
            request.LANGUAGE_CODE = translation.get_language()  # type: ignore[attr-defined]

    def process_view(self, request: Any, view: Callable[..., Any], args: Any, kwargs: Any) -> None:
        stranger = getattr(view, "public_languages_without_account", False) and not request.user.is_authenticated
        if not stranger and not getattr(view, "public_languages", False):
            return
        request.public_languages = True
        language = wanted(request)
        if language:
            translation.activate(language)
            request.LANGUAGE_CODE = translation.get_language()


def context(request: HttpRequest) -> dict[str, Any]:
    """Return template variables for languages.

    public_language: the active public language, "" if a complete language is active. public_languages: the languages
    to choose from as (code, own name, direction), empty on pages without public languages. pictures: whether text is
    hidden. language_choice: the language and picture mode of this reader's public pages; when it changes, the phone
    updates its stored pages.
    """
    pictures = request.COOKIES.get(PICTURES_COOKIE) == "1"
    chosen = f"{wanted(request) or _complete(request)}{' pictures' if pictures else ''}"
    if not getattr(request, "public_languages", False):
        return {"public_language": "", "public_languages": (), "pictures": False, "language_choice": chosen}
    language = translation.get_language() or settings.LANGUAGE_CODE
    return {
        "public_language": language if language in dict(settings.PUBLIC_LANGUAGES) else "",
        "public_languages": [
            (code, _OWN_NAMES[code], "rtl" if code in settings.LANGUAGES_BIDI else "ltr") for code in codes()
        ],
        "script": settings.SCRIPTS.get(language, ""),
        "pictures": pictures,
        "language_choice": chosen,
        "site_language": _complete(request),
    }


def choices_of(request: HttpRequest) -> tuple[str, str, bool]:
    """Return the choices on which the language and the pictures of a public page depend: the language of marked pages,
    the language of the other pages, and whether text is hidden."""
    complete = _complete(request)
    return wanted(request) or complete, complete, request.COOKIES.get(PICTURES_COOKIE) == "1"


def _complete(request: HttpRequest) -> str:
    """Return the complete language in which this reader gets unmarked pages."""
    if not _asks_for_a_complete_language(request):
        return site_choices.main_language()
    return translation.get_language_from_request(request)


def _asks_for_a_complete_language(request: HttpRequest) -> bool:
    complete = dict(settings.LANGUAGES)
    if request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME) in complete:
        return True
    asked = parse_accept_lang_header(request.META.get("HTTP_ACCEPT_LANGUAGE", "").lower())
    return any(code.partition("-")[0] in complete for code, _weight in asked)


def catalogue(code: str) -> polib.POFile:
    """Return the messages of a public language in their stored order."""
    return polib.pofile(str(Path(settings.LOCALE_PATHS[0]) / code / "LC_MESSAGES" / "django.po"))


def print_of(code: str) -> str:
    """Return a short digest of a catalogue's messages, which identifies the exact texts that a reviewer approved."""
    digest = hashlib.sha256()
    for entry in sorted(catalogue(code), key=lambda each: (each.msgctxt or "", each.msgid)):
        texts = [entry.msgstr_plural[key] for key in sorted(entry.msgstr_plural)] or [entry.msgstr]
        digest.update("\x00".join([entry.msgctxt or "", entry.msgid, *texts, "\n"]).encode())
    return digest.hexdigest()[:16]
