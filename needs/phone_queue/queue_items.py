"""What a phone sends from its queue, what becomes of it, and which kinds of thing there are.

A kind is a function from ``Sent`` to ``Outcome``, registered with ``takes`` or ``takes_file``. It has to be safe twice:
by the report's own id, or by ``receipts.once``.
"""

import hashlib
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from needs.reports.filing import Filed
from solidarity.lib.database.idempotent_insert import Stored
from solidarity.lib.pii_check.forms import CODE, TICK
from volunteers.models import User

LONGEST = timedelta(days=60)  # a row lives no longer
_STATUS = {Stored.NEW: 201, Stored.SAME: 200, Stored.CONFLICT: 409}


@dataclass(frozen=True, slots=True)
class Sent:
    """One thing from a queue. user: whose queue it is; None for one without account. ago: since it was queued.

    parent: what it belongs to. digest: SHA-256 of the body as it came in; the phone compares it with its own.
    """

    request: HttpRequest
    id: uuid.UUID
    user: User | None
    ago: timedelta
    digest: str
    parent: uuid.UUID | None
    data: QueryDict


@dataclass(frozen=True, slots=True)
class SentFile:
    """The same of a file. data: its bytes; type: what its sender calls them.

    grant: the private page of its parent, which only whoever filed that knows; "" when the phone has none.
    """

    request: HttpRequest
    id: uuid.UUID
    user: User | None
    ago: timedelta
    digest: str
    parent: uuid.UUID | None
    data: bytes
    type: str
    grant: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it, as an HTTP status and what the phone is told. next: the page that shows it.

    errors: refused fields by their labels. code: for programs; detail: the same in words. ticks: fields that, ticked, let
    it through as it is, where nothing else is wrong.
    """

    status: int
    content_hash: str = ""
    next: str = ""
    code: str = ""
    detail: str = ""
    errors: dict[str, list[str]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    ticks: list[str] = field(default_factory=list)

    def spoken(self) -> dict[str, Any]:
        """As JSON, without what is empty."""
        return {name: value for name in self.__slots__ if (value := getattr(self, name))}


def stored(content_hash: str, how: Stored, *, next: str = "", warnings: list[str] | None = None) -> Outcome:
    """It is stored, or other content was under its id."""
    if how is Stored.CONFLICT:
        words = _("Something with other content was already sent under this number. Correct it to send it anew.")
        return Outcome(_STATUS[how], code="conflict", detail=words)
    return Outcome(_STATUS[how], content_hash, next, warnings=warnings or [])


def filed(what: Filed, *, next: str, warnings: list[str] | None = None) -> Outcome:
    """The same, from what filing said."""
    return stored(what.content_hash, what.stored, next=next, warnings=warnings)


def refused(form: BaseForm) -> Outcome:
    """What a form says is wrong, by the labels of its fields."""
    errors = {
        str(form[name].label) if name in form.fields else "": [str(error) for error in problems]
        for name, problems in form.errors.items()
    }
    codes = {error.code for problems in form.errors.as_data().values() for error in problems}
    ticks = [f"{name}_{TICK}" for name in form.errors] if codes == {CODE} else []
    code = "pii" if ticks else "invalid"
    return Outcome(400, code=code, detail=_("Something is missing or wrong."), errors=errors, ticks=ticks)


# --- reading -------------------------------------------------------------------------------------------------------


def digest_of(body: bytes) -> str:
    """What the phone computes as well: SHA-256, hexadecimal."""
    return hashlib.sha256(body).hexdigest()


def ago_of(value: Any) -> timedelta:
    """How long ago, from seconds: never negative, never longer than a report is kept. Nonsense is now."""
    try:
        return min(max(timedelta(seconds=float(value)), timedelta(0)), LONGEST)
    except (TypeError, ValueError, OverflowError):
        return timedelta(0)


def fields_of(body: str, id: uuid.UUID) -> QueryDict:
    """The fields of a form from ``{"fields": {name: text or [text, …]}}``. Raises ValueError."""
    said = json.loads(body)
    if not isinstance(said, dict) or not isinstance(said.get("fields"), dict):
        raise ValueError("no fields")
    data = QueryDict(mutable=True)
    for name, value in said["fields"].items():
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(each, str) for each in values):
            raise ValueError("a field is no text")
        data.setlist(name, values)
    data["id"] = str(id)
    return data


# --- kinds ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file: how large at most, of which types, and who takes it."""

    take: Callable[[SentFile], Outcome]
    most_bytes: int
    types: tuple[str, ...]


KINDS: dict[str, Callable[[Sent], Outcome]] = {}
FILES: dict[str, FileKind] = {}


def takes(kind: str) -> Callable[[Callable[[Sent], Outcome]], Callable[[Sent], Outcome]]:
    """Register what takes a kind of thing."""

    def register(take: Callable[[Sent], Outcome]) -> Callable[[Sent], Outcome]:
        KINDS[kind] = take
        return take

    return register


def takes_file(
    kind: str, *, most_bytes: int, types: tuple[str, ...]
) -> Callable[[Callable[[SentFile], Outcome]], Callable[[SentFile], Outcome]]:
    """Register what takes a kind of file."""

    def register(take: Callable[[SentFile], Outcome]) -> Callable[[SentFile], Outcome]:
        FILES[kind] = FileKind(take, most_bytes, types)
        return take

    return register
