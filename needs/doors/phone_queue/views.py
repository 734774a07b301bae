"""The endpoints of the phone queue, and the page that lists the reports waiting on the phone."""

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from needs.doors.phone_queue.kinds import FILES, KINDS, REPORTS
from needs.doors.phone_queue.offline_pages import font_files_for, pages_for, tours_of
from needs.doors.phone_queue.queue_items import Outcome, Prepared, Sent, SentFile, ago_of, digest_of, fields_of
from needs.doors.phone_queue.queue_wording import queue_texts
from needs.doors.phone_queue.report_kinds import add_messages
from needs.reports import intake
from needs.reports.filing import Filed
from solidarity.lib.files.gzipped import TooLarge
from solidarity.lib.http import features_off
from solidarity.lib.http.json_bodies import plain_body, read_json
from solidarity.lib.http.nul_characters import reads_raw_body
from solidarity.lib.languages import in_public_languages_without_account
from solidarity.lib.site import features
from volunteers.models import User
from volunteers.site.web_app import app_shell

log = logging.getLogger(__name__)

MOST_ITEMS = 50
MOST_BYTES = 2 * 1024 * 1024
"""Maximum size of the items of a request, decompressed. A phone sends 48 KB, or a single longer item."""
_ERROR = Outcome(500, code="error")


@in_public_languages_without_account
@require_GET
def phone_queue(request: HttpRequest) -> HttpResponse:
    """Page of the reports waiting on this phone; JavaScript fills it in."""
    return render(request, "needs/phone_queue/queue.html", {"words": queue_texts()})


@in_public_languages_without_account
@require_GET
def hello(request: HttpRequest) -> JsonResponse:
    """Return the data that a phone needs before it sends: the session's account, a CSRF token, server time, pages to
    cache. Give the device its name if reports follow: the answer to the first of them may be lost."""
    response = JsonResponse(
        {
            "account": app_shell.account_of(request.user),
            "csrf": get_token(request),
            "now": round(timezone.now().timestamp() * 1000),
            "version": app_shell.version(),
            "language": get_language(),
            "pages": pages_for(request.user),
            "tours": tours_of(request.user),
            "fonts": font_files_for(request),
        }
    )
    if "X-Queue-Sends" in request.headers:
        intake.remember(response, intake.device_of(request))
    return response


@reads_raw_body
@in_public_languages_without_account
@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Store up to MOST_ITEMS items. Each item has its own result, so an invalid item does not stop the others."""
    try:
        sent = read_json(plain_body(request, MOST_BYTES))
        account, items = str(sent["account"]), [_Item.read(each) for each in sent["items"][:MOST_ITEMS]]
    except TooLarge:
        return JsonResponse({"code": "too_large"}, status=413)
    except (ValueError, KeyError, TypeError):
        return JsonResponse({"code": "unreadable"}, status=400)
    if (problem := _account_problem(request, account)) is not None:
        return problem
    device = intake.device_of(request)
    outcomes = _outcomes(request, device, items)
    for item, outcome in outcomes:
        if sent.get("here") == str(item.id):  # the sender is waiting for the next page
            add_messages(request, outcome, item.kind)
    results = [{"id": str(item.id), "received": item.digest, **outcome.as_json()} for item, outcome in outcomes]
    response = JsonResponse({"results": results})
    intake.remember(response, device)
    return response


@reads_raw_body
@in_public_languages_without_account
@require_POST
def attach(request: HttpRequest, kind: str) -> HttpResponse:
    """Store one file. The body of the request is the file; the headers give account, id, parent and age."""
    accepted, headers = FILES.get(kind), request.headers
    if accepted is None:
        return JsonResponse(_unknown_kind().as_json(), status=400)
    if (problem := _account_problem(request, headers.get("X-Queue-Account", ""))) is not None:
        return problem
    if int(headers.get("Content-Length") or 0) > accepted.most_bytes:
        return JsonResponse({"code": "too_large", "detail": _("This file is too large.")}, status=413)
    try:
        id, parent = uuid.UUID(headers["X-Queue-Id"]), uuid.UUID(headers["X-Queue-Parent"])
    except (ValueError, KeyError):
        return JsonResponse({"code": "unreadable"}, status=400)
    if (request.content_type or "") not in accepted.types:
        return JsonResponse({"code": "type", "detail": _("This kind of file is not accepted.")}, status=400)
    digest, ago = digest_of(request.body), ago_of(headers.get("X-Queue-Ago"))
    sent = SentFile(
        request, id, _user(request), ago, digest, parent, request.body, request.content_type or "",
        grant=headers.get("X-Queue-Grant", ""),
    )  # fmt: skip
    try:
        outcome = accepted.take(sent)
    except Http404:
        outcome = _no_access()
    return JsonResponse({"id": str(id), "received": digest, **outcome.as_json()}, status=outcome.status)


@dataclass(frozen=True, slots=True)
class _Item:
    """An item as received. body: the text whose digest the phone computed."""

    id: uuid.UUID
    kind: str
    body: str
    ago: object
    parent: uuid.UUID | None

    @property
    def digest(self) -> str:
        return digest_of(self.body.encode("utf-8", "surrogatepass"))

    @classmethod
    def read(cls, sent: dict[str, Any]) -> "_Item":
        """Parse an item. Raises ValueError, KeyError or TypeError."""
        parent = sent.get("parent")
        return cls(
            uuid.UUID(str(sent["id"])),
            str(sent["kind"]),
            str(sent["body"]),
            sent.get("ago"),
            uuid.UUID(str(parent)) if parent else None,
        )


def _account_problem(request: HttpRequest, account: str) -> JsonResponse | None:
    """Return an error unless the queue belongs to the session's account. A queue without an account is anonymous."""
    if account == "":
        request.user = AnonymousUser()
        return None
    if account == app_shell.account_of(request.user):
        return None
    if request.user.is_authenticated:
        return JsonResponse({"code": "other_account"}, status=403)
    return JsonResponse({"code": "sign_in"}, status=401)


def _user(request: HttpRequest) -> User | None:
    return request.user if request.user.is_authenticated else None


def _outcomes(request: HttpRequest, device: str, items: Sequence[_Item]) -> list[tuple[_Item, Outcome]]:
    """Return the outcome of each item, in order. Neighbouring reports are filed together, before any other item that
    follows them. Only a database error fails the whole request."""
    found: list[Outcome] = []
    waiting: dict[int, Prepared] = {}
    shared: dict[str, Any] = {}
    for item in items:
        if item.kind not in REPORTS:
            _file(request, device, waiting, found)
            shared = {}
        prepared = _take(request, device, item, shared)
        if isinstance(prepared, Prepared):
            waiting[len(found)] = prepared
        found.append(prepared if isinstance(prepared, Outcome) else _ERROR)
        if item.kind not in REPORTS:
            shared = {}
    _file(request, device, waiting, found)
    return list(zip(items, found, strict=True))


def _file(request: HttpRequest, device: str, waiting: dict[int, Prepared], found: list[Outcome]) -> None:
    """File the prepared reports, and replace their outcomes in ``found``."""
    if not waiting:
        return
    sender = intake.sender_of(request, device)
    filed = intake.file_all([each.report for each in waiting.values()], sender)
    for (place, prepared), what in zip(waiting.items(), filed, strict=True):
        if isinstance(what, Filed):
            found[place] = prepared.answer(what)
    waiting.clear()


def _take(request: HttpRequest, device: str, item: _Item, shared: dict[str, Any]) -> Outcome | Prepared:
    """Return a report that can be filed, or the outcome of any other item."""
    try:
        data = fields_of(item.body, item.id)
    except ValueError:
        return Outcome(400, code="unreadable", detail=_("What the phone sent cannot be read."))
    take = REPORTS.get(item.kind) or KINDS.get(item.kind)
    if take is None:
        return _unknown_kind()
    if not features.has("queued", item.kind):
        return _switched_off()
    user, ago = _user(request), ago_of(item.ago)
    try:
        return take(Sent(request, device, item.id, user, ago, item.digest, item.parent, data, shared))
    except DatabaseError:
        raise
    except Http404:
        return _no_access()
    except Exception:
        log.exception("an item of kind %s from a phone queue failed", item.kind)
        return _ERROR


def _unknown_kind() -> Outcome:
    return Outcome(400, code="unknown", detail=_("This server does not know this kind of report, or no longer does."))


def _switched_off() -> Outcome:
    """Refuse a report for a part of the site that is off. The phone keeps it."""
    detail = _(
        "This site no longer takes such reports. Your text stays on this phone. In danger, call an emergency number."
    )
    return Outcome(400, code=features_off.CODE, detail=detail)


def _no_access() -> Outcome:
    detail = _("You can no longer send this: you are not a member of its association, or its report is not yours.")
    return Outcome(404, code="not_yours", detail=detail)
