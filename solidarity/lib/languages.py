"""The languages of the public pages: more than the site has, for people who need help and read neither of its two.

``settings.LANGUAGES`` are complete; ``settings.PUBLIC_LANGUAGES`` hold the words of the pages that are marked with
:func:`in_every_tongue` and no others. One cookie (Django's) remembers a choice of either sort; a page that does not speak
the chosen language falls back on what the browser prefers among the complete ones (docs/languages.md).
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

PICTURES_COOKIE = "pictures"

# What browsers say for people who read one of ours: Dari is written Persian, and telephones know no other name for it.
_ALSO = {"fa": "prs", "mo": "ro", "pus": "ps", "tir": "ti"}


def in_every_tongue(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view whose page, and every message that it gives, is there in all public languages."""
    view.every_tongue = True  # type: ignore[attr-defined]
    return view


def in_every_tongue_without_account(view: Callable[..., Any]) -> Callable[..., Any]:
    """The same for a page that shows people with an account something else."""
    view.every_tongue_without_account = True  # type: ignore[attr-defined]
    return view


def codes() -> list[str]:
    """The languages that a public page can be shown in, the complete ones first."""
    return [*dict(settings.LANGUAGES), *dict(settings.PUBLIC_LANGUAGES)]


def wanted(request: HttpRequest) -> str | None:
    """The language for a public page: the one that was chosen, else the first of the browser's that we have; or None."""
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


class TongueMiddleware(LocaleMiddleware):
    """Django's own choice of a language, and on marked pages the choice among all languages.

    It runs before the CSRF check looks at the view, so that what goes wrong there is said in the same language.
    """

    def process_view(self, request: Any, view: Callable[..., Any], args: Any, kwargs: Any) -> None:
        stranger = getattr(view, "every_tongue_without_account", False) and not request.user.is_authenticated
        if not stranger and not getattr(view, "every_tongue", False):
            return
        request.every_tongue = True
        language = wanted(request)
        if language:
            translation.activate(language)
            request.LANGUAGE_CODE = translation.get_language()


def context(request: HttpRequest) -> dict[str, Any]:
    """Return the template variables of the chosen language.

    public_language: the public language of the page, "" for a fully translated one. public_languages: (code, own name,
    direction) of the languages to choose from, empty on other pages. pictures: whether pictograms replace words.
    chosen: the look of public pages for this reader, on every page; a phone downloads them again when it changes.
    """
    pictures = request.COOKIES.get(PICTURES_COOKIE) == "1"
    chosen = f"{wanted(request) or _complete(request)}{' pictures' if pictures else ''}"
    if not getattr(request, "every_tongue", False):
        return {"public_language": "", "public_languages": (), "pictures": False, "chosen": chosen}
    language = translation.get_language() or settings.LANGUAGE_CODE
    own_names = {"en": "English", "fr": "Français", **dict(settings.PUBLIC_LANGUAGES)}
    return {
        "public_language": language if language in dict(settings.PUBLIC_LANGUAGES) else "",
        "public_languages": [
            (code, name, "rtl" if code in settings.LANGUAGES_BIDI else "ltr") for code, name in own_names.items()
        ],
        "script": settings.SCRIPTS.get(language, ""),
        "pictures": pictures,
        "chosen": chosen,
        "site_language": _complete(request),
    }


def _complete(request: HttpRequest) -> str:
    """The complete language that the rest of the site is shown to this reader in."""
    return translation.get_language_from_request(request)


def catalogue(code: str) -> polib.POFile:
    """The sentences of a public language in the order in which they are kept."""
    return polib.pofile(str(Path(settings.LOCALE_PATHS[0]) / code / "LC_MESSAGES" / "django.po"))


def print_of(code: str) -> str:
    """A short digest of a catalogue's sentences: it changes when one of them does, so that a review is of known words."""
    digest = hashlib.sha256()
    for entry in sorted(catalogue(code), key=lambda each: (each.msgctxt or "", each.msgid)):
        texts = [entry.msgstr_plural[key] for key in sorted(entry.msgstr_plural)] or [entry.msgstr]
        digest.update("\x00".join([entry.msgctxt or "", entry.msgid, *texts, "\n"]).encode())
    return digest.hexdigest()[:16]
