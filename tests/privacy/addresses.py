"""Every address of the platform, read from its own routes, so that a new one is attacked without being named here."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

_ARGUMENT = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")
_GROUP = re.compile(r"\(\?P<(\w+)>(?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)")


@dataclass(frozen=True, slots=True)
class Route:
    """pattern: as written, with ``<kind:name>`` for arguments. names: of the arguments, in order."""

    pattern: str
    names: tuple[str, ...]

    def filled(self, values: dict[str, str]) -> str:
        return "/" + _ARGUMENT.sub(lambda found: values[found["name"]], self.pattern)


def routes() -> Iterator[Route]:
    """All routes but the administration's and those of the sign-in library, which its own tests attack."""
    for pattern in _walk(get_resolver().url_patterns, ""):
        if not pattern.startswith(("admin/", "accounts/")):
            yield Route(pattern, tuple(found["name"] for found in _ARGUMENT.finditer(pattern)))


def _walk(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[str]:
    for each in patterns:
        own = str(each.pattern)
        if own.startswith("^"):  # a regular expression: its groups are arguments, endings of formats are left out
            own = re.sub(r"\(\?:\\\.\(\?P<format>[^)]*\)\)\?", "", own.strip("^$")).replace("/?", "")
            own = _GROUP.sub(r"<\1>", own).replace(".*", "").replace("?", "")
        if isinstance(each, URLResolver):
            yield from _walk(each.url_patterns, before + own)
        else:
            yield before + own
