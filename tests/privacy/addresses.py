"""Every URL of the platform, read from its routes, so that new URLs are attacked without being listed here."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

_ARGUMENT = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")
_GROUP = re.compile(r"\(\?P<(\w+)>(?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)")


@dataclass(frozen=True, slots=True)
class Route:
    """A route. pattern: as in the URLconf, with ``<kind:name>`` for arguments. names: the arguments in order."""

    pattern: str
    names: tuple[str, ...]

    def filled(self, values: dict[str, str]) -> str:
        return "/" + _ARGUMENT.sub(lambda found: values[found["name"]], self.pattern)


def routes() -> Iterator[Route]:
    """Return all routes except the routes of the administration and of the sign-in library, which have their own
    tests."""
    for pattern in _walk(get_resolver().url_patterns, ""):
        if not pattern.startswith(("admin/", "accounts/")):
            yield Route(pattern, tuple(found["name"] for found in _ARGUMENT.finditer(pattern)))


def _walk(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[str]:
    for each in patterns:
        own = str(each.pattern)
        if own.startswith("^"):  # a regular expression: groups become arguments, format suffixes are left out
            own = re.sub(r"\(\?:\\\.\(\?P<format>[^)]*\)\)\?", "", own.strip("^$")).replace("/?", "")
            own = _GROUP.sub(r"<\1>", own).replace(".*", "").replace("?", "")
        if isinstance(each, URLResolver):
            yield from _walk(each.url_patterns, before + own)
        else:
            yield before + own
