"""The API for filing up to 500 reports with one request. Each report has its own result."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request as ApiRequest
from rest_framework.response import Response

from needs.base.records.declarations import NeedDraft
from needs.crises.crisis_events import Phase, phase_of
from needs.doors.report_batches.serializers import KINDS, MOST_REPORTS, BatchResultSerializer, BatchSerializer
from needs.enums import Channel, NeedState
from needs.models import Crisis, DangerAlarm, Need
from needs.reports import filing, intake
from needs.reports.api import STATUS, check_tour
from needs.reports.danger import alarm_receipts
from needs.reports.filing import Filed
from needs.reports.intake import EventOfReport, NotStored, ToFile
from needs.reports.serializers import EncounterSerializer, NeedSerializer, implied_in
from solidarity.lib.database.idempotent_insert import InsertResult
from solidarity.lib.pii_check.serializers import PiiCheckedSerializer
from solidarity.lib.site import features
from volunteers.models import Association
from volunteers.people.api.base import ApiView
from volunteers.people.api.throttling import AccountReports, AnonymousReports
from volunteers.people.associations.models import associations_of

MOST_BYTES = 2 * 1024 * 1024
"""500 reports with 4 KB each. A larger body is refused before it is read."""

type Result = dict[str, Any]


class TooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class ReportBatch(ApiView):
    """File many reports. Needs and reports to events need no account; the limits for anonymous filing apply."""

    permission_classes = (AllowAny,)
    without_session = True
    serializer_class = BatchSerializer

    def initial(self, request: ApiRequest, *args: Any, **kwargs: Any) -> None:
        if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
            raise TooLarge(_("This body is too large. Send fewer reports at once."))
        super().initial(request, *args, **kwargs)

    @extend_schema(
        tags=["reports"], summary=f"File 1 to {MOST_REPORTS} reports, each answered for itself",
        request=BatchSerializer, responses=BatchResultSerializer,
    )  # fmt: skip
    def post(self, request: ApiRequest) -> Response:
        reports = self.said(BatchSerializer)["reports"]
        for limit in (AnonymousReports(), AccountReports()):
            if (wait := limit.wait_for(len(reports), request)) is not None:
                self.throttled(request, wait)
        http: Any = request._request
        http.user = request.user
        sender = intake.sender_of(http)
        read = _Reader(request)
        checked = [read.one(each) for each in reports]
        read.look()
        filed = intake.file_all(
            [each for each, _said in checked if isinstance(each, ToFile)], sender, channel=Channel.API
        )
        response = Response({"results": _results(checked, filed)})
        if sender.user is None:
            intake.remember(response, sender.device)
        return response


class _Reader:
    """Checks reports one by one, and ``look`` then checks all of them for personal data. Data that they share, such as the
    sender's associations, is read once."""

    def __init__(self, request: ApiRequest) -> None:
        self.user: Any = request.user
        self.own: dict[str, Association] | None = None
        self.tours: dict[tuple[uuid.UUID, int], None] = {}
        self.crises: dict[str, Crisis | None] = {}
        self.serializers = {
            kind: serializer(context={}) for kind, serializer in KINDS.items() if features.has("queued", kind)
        }
        self.accepted: list[tuple[PiiCheckedSerializer, Any, Result]] = []

    def look(self) -> None:
        """Check the accepted reports for personal data, and add the warnings to their results.

        This comes after all reports are read, because a check that runs for one report after the other finds its code in
        the processor's cache. That saves a twentieth of the time of a batch.
        """
        for form, data, result in self.accepted:
            if warnings := form.warnings_about(data):
                result["warnings"] = warnings

    def one(self, said: Any) -> tuple[ToFile | None, Result]:
        """Return the report and a result to which ``look`` adds warnings; if it is refused, None and its result."""
        id = str(said.get("id", ""))[:36] if isinstance(said, dict) else ""
        try:
            item, form, data = self._read(said)
            result: Result = {}
            self.accepted.append((form, data, result))
            return item, result
        except ValidationError as error:
            problems = error.detail if isinstance(error.detail, dict) else {"non_field_errors": error.detail}
            return None, {"id": id, "status": 422, "code": "invalid", "errors": problems}
        except Http404:
            code, words = 404, _("You have no access to what this report names, or it does not exist.")
            if not self.user.is_authenticated:
                code, words = 401, _("Sign in, or send a token.")
            return None, {"id": id, "status": code, "code": "not_found" if code == 404 else "sign_in", "detail": words}

    def _read(self, said: Any) -> tuple[ToFile, PiiCheckedSerializer, Any]:
        """Return the report, its serializer and the validated data. Raises ValidationError and Http404."""
        if not isinstance(said, dict):
            raise ValidationError({"non_field_errors": [_("A report is an object with fields.")]})
        kind = said.get("kind")
        if not isinstance(kind, str) or kind not in self.serializers:
            kinds = ", ".join(self.serializers)
            raise ValidationError({"kind": [_("Send one of these kinds: %(kinds)s.") % {"kinds": kinds}]})
        form: Any = self.serializers[kind]
        event = None
        if kind == "crisis":
            event = self._crisis(said.get("crisis"))
            form.context["categories"] = event.categories.all() if event else []
        if kind == "encounter":
            own = self._associations()  # look only at reports of members
        data = form.valid(said)
        if kind == "encounter":
            association = own.get(data.get("association") or next(iter(own)))
            if association is None:
                raise Http404
            encounter = EncounterSerializer.draft_of(data, association)
            if encounter.tour and (encounter.tour, association.pk) not in self.tours:
                check_tour(self.user, encounter.tour, association.pk)
                self.tours[encounter.tour, association.pk] = None
            return ToFile(encounter, implied_in(data), association=association.pk), form, data
        running = event if event and phase_of(event, timezone.now()) is Phase.RUNNING else None
        about = EventOfReport(running, data["category"]) if event else None
        return ToFile(NeedSerializer.draft_of(data), implied_in(data), event=about), form, data

    def _associations(self) -> dict[str, Association]:
        if self.own is None:
            known = associations_of(self.user) if self.user.is_authenticated else []
            self.own = {each.slug: each for each in known}
        if not self.own:
            raise Http404
        return self.own

    def _crisis(self, slug: Any) -> Crisis | None:
        """Return an event that has begun. Return None if no short name was sent. Raises Http404 otherwise."""
        if not isinstance(slug, str):
            return None
        if slug not in self.crises:
            self.crises[slug] = Crisis.objects.prefetch_related("categories").filter(slug=slug[:80]).first()
        crisis = self.crises[slug]
        if crisis is None or phase_of(crisis, timezone.now()) is Phase.COMING:
            raise Http404
        return crisis


# --- results -------------------------------------------------------------------------------------------------------


def _results(
    checked: Sequence[tuple[ToFile | None, Result]], filed: Sequence[Filed | NotStored]
) -> list[Result]:  # fmt: skip
    again = [each.id for each in filed if isinstance(each, Filed) and each.stored is InsertResult.SAME]
    waiting = set(Need.objects.filter(pk__in=again, state=NeedState.HELD).values_list("pk", flat=True)) if again else ()
    alarms: dict[Any, Any] = {}
    for column in ("need", "encounter") if again else ():
        rows = DangerAlarm.objects.filter(**{f"{column}__in": again})
        alarms |= dict(rows.values_list(f"{column}_id", "flags"))
    rest = iter(filed)
    return [said if item is None else _result(item, next(rest), said, waiting, alarms) for item, said in checked]


def _result(item: ToFile, filed: Filed | NotStored, said: Result, waiting: Any, alarms: dict[Any, Any]) -> Result:
    """Return the result of one report, with the fields of the answer to a single report."""
    if isinstance(filed, NotStored):
        words = _("The server could not store this report. Send it alone.")
        return {"id": str(item.draft.id), "status": 500, "code": "error", "detail": words}
    result: Result = {"id": str(filed.id), "status": STATUS[filed.stored]}
    if filed.stored is InsertResult.CONFLICT:
        words = _("A report with other content was already sent under this id. Send this one under a new id.")
        return result | {"code": "conflict", "detail": words}
    result["content_hash"] = filed.content_hash
    new = filed.stored is InsertResult.NEW
    if isinstance(item.draft, NeedDraft):
        result["follow"] = reverse("needs:follow", args=[filing.follow_token(filed.id)])
        result["held"] = filed.held if new else filed.id in waiting
    result |= alarm_receipts.numbers_for_flags(filed.alarm if new else alarms.get(filed.id), shelter=filed.shelter)
    warnings = [*filed.warnings, *said.get("warnings", ())]
    return result | ({"warnings": warnings} if warnings else {})
