"""Open311 GeoReport v2 for citizens' needs: services, filing a request, reading its status (docs/api.md).

``needs.doors.api.public_requests`` decides what anybody may read. Requests are filed with the need form, under the limits for
anonymous filing.
"""

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import AuthenticationFailed, NotFound, ValidationError
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from needs.doors.api import public_requests
from needs.doors.api.georeport_xml import XmlRenderer
from needs.doors.api.public_requests import PublicRequest, RequestQuery
from needs.enums import Category, Channel, Urgency
from needs.reports import filing, intake
from needs.reports.danger import alarm_receipts
from needs.reports.serializers import NeedSerializer
from solidarity.lib import datetimes
from solidarity.lib.http.json_bodies import BoundedJSONParser
from volunteers.people.api.authentication import TokenAuthentication, check
from volunteers.people.api.errors import handler

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
CHANGESET = "2026-11-25T00:00:00Z"
URGENCY, PERSONS = "urgency", "persons"


class Georeport(APIView):
    """Base view: the URL suffix selects JSON or XML (the default). root: the XML root element."""

    permission_classes = (AllowAny,)
    authentication_classes = (TokenAuthentication,)
    renderer_classes = (XmlRenderer, JSONRenderer)
    schema = None
    root = "service_requests"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Answer 404 while Open311 is switched off: cities use 311 data to plan the clearing of camps (docs/api.md)."""
        if not settings.OPEN311:
            raise NotFound(_("Open311 is switched off on this site."))
        super().initial(request, *args, **kwargs)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    def handle_exception(self, exc: Exception) -> Response:
        response = super().handle_exception(exc)
        response.data = _errors(response.status_code, response.data)
        return response

    def get_exception_handler(self) -> Any:
        return handler


def _errors(status: int, data: Any) -> list[dict[str, str]]:
    """Return errors as the specification demands: the HTTP status as code, and a description."""
    if isinstance(data, dict) and "detail" in data:
        return [{"code": str(status), "description": str(data["detail"])}]
    pairs = data.items() if isinstance(data, dict) else [("", data)]
    said = []
    for name, words in pairs:
        text = " ".join(str(each) for each in words) if isinstance(words, list) else str(words)
        said.append({"code": str(status), "description": f"{_NAMES.get(name, name)}: {text}" if name else text})
    return said


_NAMES = {
    "kinds": "service_code",
    "latitude": "lat",
    "longitude": "long",
    "place_text": "address_string",
    "text": "description",
}


# --- services -------------------------------------------------------------------------------------------


class Discovery(Georeport):
    root = "discovery"

    def get(self, request: Request, format: str | None = None) -> Response:
        address = request.build_absolute_uri(reverse("open311:root"))
        endpoint = {
            "specification": SPECIFICATION,
            "url": address.rstrip("/"),
            "changeset": CHANGESET,
            "type": "test" if settings.DEMO else "production",
            "formats": ["text/xml", "application/json"],
        }
        contact = _("Contact of this platform: %(address)s") % {"address": settings.DEFAULT_FROM_EMAIL}
        return Response({
            "changeset": CHANGESET,
            "contact": contact,
            "key_service": request.build_absolute_uri(reverse("volunteers:tokens")),
            "endpoints": [endpoint],
        })  # fmt: skip


class Services(Georeport):
    """List the services. List the services, one for each kind of need."""

    root = "services"

    def get(self, request: Request, format: str | None = None) -> Response:
        return Response([_service(kind) for kind in Category])


def _service(kind: Category) -> dict[str, Any]:
    name = str(kind.label)
    return {
        "service_code": kind.value,
        "service_name": name,
        "description": _("Someone in the street needs: %(kind)s. If a life is in danger, call 112 first.")
        % {"kind": name},
        "metadata": True,
        "type": "realtime",
        "keywords": f"{kind.value}, {name}",
        "group": _("people in the street"),
    }


class Service(Georeport):
    """Return the definition of one service: its attributes."""

    root = "service_definition"

    def get(self, request: Request, code: str, format: str | None = None) -> Response:
        if code not in Category.values:
            raise NotFound(_unknown(code))
        urgency: dict[str, Any] = {
            "variable": True, "code": URGENCY, "datatype": "singlevaluelist", "required": False, "order": 1,
            "datatype_description": _("Choose one value."), "description": _("How urgent is it?"),
            "values": [{"key": each.value, "name": str(each.label)} for each in Urgency],
        }  # fmt: skip
        persons: dict[str, Any] = {
            "variable": True, "code": PERSONS, "datatype": "number", "required": False, "order": 2,
            "datatype_description": _("A whole number, at least 1."), "description": _("For how many people?"),
            "values": [],
        }  # fmt: skip
        return Response({"service_code": code, "attributes": [urgency, persons]})


def _unknown(code: str) -> str:
    return _("There is no service “%(code)s”. GET services lists them.") % {"code": code[:40]}


# --- requests --------------------------------------------------------------------------------------------------------


class RequestSerializer(NeedSerializer):
    """A need filed as a GeoReport request."""

    id = None  # type: ignore[assignment]
    at = None  # type: ignore[assignment]
    origin = None  # type: ignore[assignment]


class Requests(Georeport):
    parser_classes = (FormParser, MultiPartParser, BoundedJSONParser)

    def post(self, request: Request, format: str | None = None) -> Response:
        said: Any = request.data if hasattr(request.data, "get") else {}
        _authenticate_by_key(request, said.get("api_key"))
        code = str(said.get("service_code") or "")
        if not code:
            raise ValidationError({"service_code": _("Send a service code. GET services lists the codes.")})
        if code not in Category.values:
            raise NotFound(_unknown(code))
        form = RequestSerializer(data=_as_need(said, code))
        form.is_valid(raise_exception=True)
        http: Any = request._request
        http.user = request.user
        device = intake.device_of(http)
        filed = intake.file_need(
            form.draft(), intake.sender_of(http, device), implied=form.implied, channel=Channel.OPEN311
        )
        notice = _("Follow it here, and keep the address to yourself: %(link)s") % {
            "link": request.build_absolute_uri(reverse("needs:follow", args=[filing.follow_token(filed.id)]))
        }
        if said.get("media_url"):
            notice += " " + _("This API accepts no pictures. The picture that you sent was left out.")
        alarm = alarm_receipts.for_programs(filed)
        if alarm["danger"]:
            call = _("This sounds like danger to life. Call now: %(number)s.") % alarm["numbers"][0]
            notice = f"{call} {notice}"
        elif alarm["numbers"]:
            notice = f"{_('For a bed tonight, call %(number)s.') % alarm['numbers'][0]} {notice}"
        notice = " ".join([notice, *form.pii_warnings])
        answer = {"service_request_id": str(filed.id), "service_notice": notice, "account_id": None, **alarm}
        response = Response([answer], status=201)
        intake.remember(response, device)
        return response

    def get(self, request: Request, format: str | None = None) -> Response:
        return Response([_shown(each) for each in public_requests.list_requests(_asked(request), timezone.now())])


def _authenticate_by_key(request: Request, key: Any) -> None:
    """Authenticate by the token in api_key. The key must be in the body and not in the URL, because URLs appear in
    logs."""
    if key and not request.user.is_authenticated:
        try:
            request.user, request.auth = check(str(key), "POST")
        except AuthenticationFailed:
            raise ValidationError({"api_key": _("This key is unknown, expired or revoked.")}) from None


def _as_need(said: Any, code: str) -> dict[str, Any]:
    attributes = said.get("attribute") if isinstance(said.get("attribute"), dict) else {}

    def attribute(name: str) -> Any:
        return said.get(f"attribute[{name}]") or attributes.get(name)

    wanted = {
        "kinds": [code],
        "latitude": said.get("lat") or None,
        "longitude": said.get("long") or None,
        "place_text": _text(said.get("address_string") or said.get("address_id"), 300),
        "text": _text(said.get("description"), 4000),
        "contact": _text(", ".join(str(said[name]) for name in ("phone", "email") if said.get(name)), 200),
        "urgency": attribute(URGENCY),
        "persons": attribute(PERSONS),
    }
    return {name: value for name, value in wanted.items() if value not in (None, "")}


def _text(value: Any, most: int) -> str:
    return str(value or "").replace("\x00", " ").strip()[:most]


def _asked(request: Request) -> RequestQuery:
    query = request.query_params
    status = {part.strip() for part in query.get("status", "").split(",") if part.strip()}
    if status - {"open", "closed"}:
        raise ValidationError({"status": _("Send open, closed, or both separated by a comma.")})
    codes = [part.strip() for part in query.get("service_code", "").split(",") if part.strip()]
    if unknown := set(codes) - set(Category.values):
        raise NotFound(_unknown(sorted(unknown)[0]))
    return RequestQuery(
        ids=_keys(query.get("service_request_id", "")),
        kinds=codes,
        start=_moment(query.get("start_date"), "start_date"),
        end=_moment(query.get("end_date"), "end_date"),
        is_open=None if len(status) != 1 else status == {"open"},
    )


def _keys(text: str) -> list[uuid.UUID]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    try:
        return [uuid.UUID(part) for part in parts]
    except ValueError:
        raise ValidationError({"service_request_id": _("Send request ids, separated by commas.")}) from None


def _moment(text: str | None, name: str) -> datetime | None:
    if not text:
        return None
    moment = datetimes.read(text)
    if moment is None:
        raise ValidationError({name: _("Send a date and time such as 2026-11-25T18:00:00+01:00.")})
    return moment


class RequestView(Georeport):
    def get(self, request: Request, key: uuid.UUID, format: str | None = None) -> Response:
        found = public_requests.find_request(key, timezone.now())
        if found is None:
            raise NotFound(_("This request does not exist."))
        return Response([_shown(found)])


class Token(Georeport):
    """Tokens and request ids of Open311. The token and the request id are the same, because every request gets its id
    immediately."""

    def get(self, request: Request, key: uuid.UUID, format: str | None = None) -> Response:
        if public_requests.find_request(key, timezone.now()) is None:
            raise NotFound(_("This request does not exist."))
        return Response([{"service_request_id": str(key), "token": str(key)}])


def _shown(each: PublicRequest) -> dict[str, Any]:
    latitude, longitude = each.place or (None, None)
    return {
        "service_request_id": str(each.id),
        "status": "open" if each.is_open else "closed",
        "status_notes": None,
        "service_name": str(Category(each.kind).label),
        "service_code": each.kind,
        "description": None,
        "agency_responsible": None,
        "service_notice": None,
        "requested_datetime": each.day.isoformat(),
        "updated_datetime": each.updated.isoformat(),
        "expected_datetime": None,
        "address": None,
        "address_id": None,
        "zipcode": None,
        "lat": None if latitude is None else round(latitude, 5),
        "long": None if longitude is None else round(longitude, 5),
        "media_url": None,
    }


class UnknownAddress(Georeport):
    """Answer 404 for every unknown URL."""

    def get(self, request: Request, format: str | None = None, **_path: Any) -> Response:
        raise Http404

    post = get
