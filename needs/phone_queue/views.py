"""What the queue of a phone asks and sends, and the page that shows what waits."""

import json
import logging
import uuid
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
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from needs.phone_queue import tour_kinds as _walk_kinds  # noqa: F401  registers its kinds
from needs.phone_queue.offline_pages import letters_for, pages_for
from needs.phone_queue.queue_items import FILES, KINDS, Outcome, Sent, SentFile, ago_of, digest_of, fields_of
from needs.phone_queue.queue_wording import words
from needs.phone_queue.report_kinds import say_here
from needs.reports import intake
from solidarity.lib.languages import in_public_languages_without_account
from volunteers.web_app import app_shell

log = logging.getLogger(__name__)

MOST_ITEMS = 50


@in_public_languages_without_account
@never_cache
@require_GET
def outbox(request: HttpRequest) -> HttpResponse:
    """“What still waits on this phone”: an empty frame that the phone fills in, the same for everybody."""
    return render(request, "needs/phone_queue/queue.html", {"words": words()})


@in_public_languages_without_account
@never_cache
@require_GET
def hello(request: HttpRequest) -> JsonResponse:
    """What a queue has to know before it sends: whose session this is, a token against forgery, the server's clock."""
    return JsonResponse(
        {
            "account": app_shell.account_of(request.user),
            "csrf": get_token(request),
            "now": round(timezone.now().timestamp() * 1000),
            "version": app_shell.version(),
            "language": get_language(),
            "pages": pages_for(request.user),
            "letters": letters_for(request),
        }
    )


@in_public_languages_without_account
@never_cache
@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Take up to MOST_ITEMS things; each gets an answer of its own, and a bad one holds up no other."""
    try:
        said = json.loads(request.body)
        account, items = str(said["account"]), [_Item.read(each) for each in said["items"][:MOST_ITEMS]]
    except (ValueError, KeyError, TypeError):
        return JsonResponse({"code": "unreadable"}, status=400)
    if (problem := _not_theirs(request, account)) is not None:
        return problem
    device = intake.device_of(request)
    here = said.get("here")  # the one whose sender waits for the next page
    response = JsonResponse({"results": [_taken(request, item, here == str(item.id)) for item in items]})
    intake.remember(response, device)
    return response


@in_public_languages_without_account
@never_cache
@require_POST
def attach(request: HttpRequest, kind: str) -> HttpResponse:
    """Take one file: its bytes are the body, who sent it when and for what stands in the headers."""
    known, headers = FILES.get(kind), request.headers
    if known is None:
        return JsonResponse(_unknown().spoken(), status=400)
    if (problem := _not_theirs(request, headers.get("X-Outbox-Account", ""))) is not None:
        return problem
    if int(headers.get("Content-Length") or 0) > known.most_bytes:
        return JsonResponse({"code": "too_large", "detail": _("This file is too large.")}, status=413)
    try:
        id, parent = uuid.UUID(headers["X-Outbox-Id"]), uuid.UUID(headers["X-Outbox-Parent"])
    except (ValueError, KeyError):
        return JsonResponse({"code": "unreadable"}, status=400)
    if (request.content_type or "") not in known.types:
        return JsonResponse({"code": "type", "detail": _("This kind of file is not taken.")}, status=400)
    digest, ago = digest_of(request.body), ago_of(headers.get("X-Outbox-Ago"))
    sent = SentFile(
        request, id, _user(request), ago, digest, parent, request.body, request.content_type or "",
        grant=headers.get("X-Outbox-Grant", ""),
    )  # fmt: skip
    try:
        outcome = known.take(sent)
    except Http404:
        outcome = _not_there()
    return JsonResponse({"id": str(id), "received": digest, **outcome.spoken()}, status=outcome.status)


@dataclass(frozen=True, slots=True)
class _Item:
    """One thing as it came in. body: the text whose digest the phone knows."""

    id: uuid.UUID
    kind: str
    body: str
    ago: Any
    parent: uuid.UUID | None

    @classmethod
    def read(cls, said: Any) -> "_Item":
        """Raises ValueError, KeyError, TypeError."""
        parent = said.get("parent")
        return cls(
            uuid.UUID(str(said["id"])),
            str(said["kind"]),
            str(said["body"]),
            said.get("ago"),
            uuid.UUID(str(parent)) if parent else None,
        )


def _not_theirs(request: HttpRequest, account: str) -> JsonResponse | None:
    """A queue is sent under the name of its own account or not at all. One without account is sent without."""
    if account == "":
        request.user = AnonymousUser()
        return None
    if account == app_shell.account_of(request.user):
        return None
    if request.user.is_authenticated:
        return JsonResponse({"code": "other_account"}, status=403)
    return JsonResponse({"code": "sign_in"}, status=401)


def _user(request: HttpRequest) -> Any:
    return request.user if request.user.is_authenticated else None


def _taken(request: HttpRequest, item: _Item, here: bool) -> dict[str, Any]:
    """What became of one thing. Its own failure is its own; a database that is away is everybody's."""
    digest = digest_of(item.body.encode("utf-8", "surrogatepass"))
    try:
        data = fields_of(item.body, item.id)
    except (ValueError, RecursionError):
        outcome = Outcome(400, code="unreadable", detail=_("What the phone sent cannot be read."))
    else:
        sent = Sent(request, item.id, _user(request), ago_of(item.ago), digest, item.parent, data)
        outcome = _outcome(sent, item.kind)
        if here:
            say_here(sent, outcome, item.kind)
    return {"id": str(item.id), "received": digest, **outcome.spoken()}


def _outcome(sent: Sent, kind: str) -> Outcome:
    take = KINDS.get(kind)
    if take is None:
        return _unknown()
    try:
        return take(sent)
    except DatabaseError:
        raise
    except Http404:
        return _not_there()
    except Exception:
        log.exception("something of the kind %s from a queue was not taken", kind)
        return Outcome(500, code="error")


def _unknown() -> Outcome:
    return Outcome(400, code="unknown", detail=_("This server does not know this kind of report (any more)."))


def _not_there() -> Outcome:
    words = _("You may not file this (any more): the association or the report that it belongs to is not yours.")
    return Outcome(404, code="not_yours", detail=words)
