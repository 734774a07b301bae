"""The items that a phone sends from its queue, and the outcome of each.

A handler takes a ``Sent`` and returns an ``Outcome``; kinds.py lists the handlers. A handler must be idempotent: it
creates a report under the item's id, or calls ``receipts.record``.
"""

import hashlib
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from needs.reports.filing import Filed
from needs.reports.intake import ToFile
from solidarity.lib.database.idempotent_insert import InsertResult
from solidarity.lib.http.json_bodies import read_json
from solidarity.lib.pii_check.forms import CODE, TICK
from volunteers.models import User

LONGEST = timedelta(days=60)  # an item that waited longer counts as having waited this long
_STATUS = {InsertResult.NEW: 201, InsertResult.SAME: 200, InsertResult.CONFLICT: 409}


@dataclass(frozen=True, slots=True)
class Sent:
    """An item from a phone queue. user: the owner of the queue, None without an account. ago: the time since the item
    was queued.

    parent: the report to which the item belongs. digest: SHA-256 of the received body; the phone compares it with its
    own. device: name of the device (intake.device_of), the same for all items of a batch. shared: data that handlers of
    neighbouring reports have already read; it is emptied before and after any item that is not a report.
    """

    request: HttpRequest
    device: str
    id: uuid.UUID
    user: User | None
    ago: timedelta
    digest: str
    parent: uuid.UUID | None
    data: QueryDict
    shared: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A valid report, to be filed together with its neighbours in the queue. answer: function that makes the outcome
    after the report was filed."""

    report: ToFile
    answer: Callable[[Filed], "Outcome"]


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file from a phone queue. data: the bytes of the file; type: the content type given by the sender.

    grant: the path of the parent's follow-up page, which only its reporter knows; "" when the phone has none.
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
    """The result for one item: an HTTP status and the answer to the phone. next: path of the page that shows the item.

    errors: messages by field label. code, detail: the reason, for programs and in words. ticks: if only the PII check
    refused the item, the names of the checkboxes that confirm its texts.
    """

    status: int
    content_hash: str = ""
    next: str = ""
    code: str = ""
    detail: str = ""
    errors: dict[str, list[str]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    ticks: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the non-empty fields."""
        return {name: value for name in self.__slots__ if (value := getattr(self, name))}


def stored(content_hash: str, how: InsertResult, *, next: str = "", warnings: Iterable[str] = ()) -> Outcome:
    """Return the outcome of an idempotent insert; a conflict if the id already has other content."""
    if how is InsertResult.CONFLICT:
        detail = _("Another report was already sent under this number. Correct this one to send it again.")
        return Outcome(_STATUS[how], code="conflict", detail=detail)
    return Outcome(_STATUS[how], content_hash, next, warnings=list(warnings))


def filed(what: Filed, *, next: str, more_warnings: Iterable[str] = ()) -> Outcome:
    """Return the outcome of a filed report, with its own warnings and ``more_warnings``."""
    return stored(what.content_hash, what.stored, next=next, warnings=[*what.warnings, *more_warnings])


def refused(form: BaseForm) -> Outcome:
    """Return the errors of an invalid form by field label."""
    errors = {
        str(form[name].label) if name in form.fields else "": [str(error) for error in problems]
        for name, problems in form.errors.items()
    }
    codes = {error.code for problems in form.errors.as_data().values() for error in problems}
    ticks = [f"{name}_{TICK}" for name in form.errors] if codes == {CODE} else []
    code = "pii" if ticks else "invalid"
    return Outcome(400, code=code, detail=_("Something is missing or wrong."), errors=errors, ticks=ticks)


# --- parsing -------------------------------------------------------------------------------------------------------


def digest_of(body: bytes) -> str:
    """Return the SHA-256 in hexadecimal. The phone computes the same digest from the item."""
    return hashlib.sha256(body).hexdigest()


def ago_of(value: object) -> timedelta:
    """Return a number of seconds as the age of an item, limited to [0, LONGEST]; 0 for an unreadable value."""
    try:
        return min(max(timedelta(seconds=float(str(value))), timedelta(0)), LONGEST)
    except (TypeError, ValueError, OverflowError):
        return timedelta(0)


def fields_of(body: str, id: uuid.UUID) -> QueryDict:
    """Return form fields from ``{"fields": {name: text or [text, …]}}``. Raises ValueError."""
    content = read_json(body)
    if not isinstance(content, dict) or not isinstance(content.get("fields"), dict):
        raise ValueError("no fields")
    data = QueryDict(mutable=True)
    for name, value in content["fields"].items():
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(each, str) for each in values):
            raise ValueError("a field is not text")
        data.setlist(name, values)
    data["id"] = str(id)
    return data
