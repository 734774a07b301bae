"""The guides: Markdown files in docs/guides, one per role and language, with screenshots beside them.

A comment after a heading names the features that the part is about: ``## Borrow <!-- lending -->``. The part is left out
while all of them are off.
"""

import re
from collections.abc import Set
from dataclasses import dataclass
from functools import cache
from xml.etree.ElementTree import Element

from django.conf import settings
from django.templatetags.static import static
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

FOLDER = settings.ROOT / "docs" / "guides"
PICTURES = "screenshots/"
LANGUAGES = ("en", "fr")
PART = re.compile(r"(?m)^(?=## )")
ABOUT = re.compile(r" <!-- ([a-z ]+) -->$", re.MULTILINE)
NAMES: dict[str, Promise] = {
    "volunteer": _("For volunteers"),
    "member": _("For members of an association"),
    "dispatcher": _("For dispatchers"),
    "coordinator": _("For coordinators"),
    "administrator": _("For administrators"),
}


@dataclass(frozen=True, slots=True)
class Guide:
    """A guide as HTML. parts: (anchor, heading) of each part."""

    name: str
    title: str
    body: SafeString
    parts: tuple[tuple[str, str], ...]


@cache
def guide(name: str, language: str, off: frozenset[str] = frozenset()) -> Guide:
    """Return a guide in a language, or in English if it does not exist in this language. Raise KeyError if there is no
    such guide. off: the features whose parts are left out."""
    if name not in NAMES:
        raise KeyError(name)
    suffix = f".{language}" if language in LANGUAGES and language != "en" else ""
    text = (FOLDER / f"{name}{suffix}.md").read_text(encoding="utf-8")
    heading, _other_language, rest = text.split("\n\n", 2)
    markdown = Markdown(extensions=["toc", "tables", _Pictures()])
    body = mark_safe(markdown.convert(_without(rest, off)))  # noqa: S308 (our own files)
    parts = tuple((token["id"], token["name"]) for token in markdown.toc_tokens)  # type: ignore[attr-defined]
    return Guide(name, heading.removeprefix("# ").strip(), body, parts)


def _without(text: str, off: Set[str]) -> str:
    """Leave out the parts that are about nothing but features that are off, and the comments that say so."""
    kept = [part for part in PART.split(text) if not ((about := ABOUT.search(part)) and set(about[1].split()) <= off)]
    return ABOUT.sub("", "".join(kept))


class _Pictures(Extension):
    """Give each picture its static address."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (the library's name)
        md.treeprocessors.register(_PictureAddresses(md), "pictures", 0)


class _PictureAddresses(Treeprocessor):
    def run(self, root: Element) -> None:
        for picture in root.iter("img"):
            picture.set("src", static(f"guides/{picture.get('src', '').removeprefix(PICTURES)}"))
            picture.set("loading", "lazy")
