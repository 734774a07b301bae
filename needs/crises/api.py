"""API of events: their categories, reporting to them, and their reports for authorised readers."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from needs.base.dispatch_scope import list_log
from needs.base.event_rights import crisis_access
from needs.base.need_filters.api_filters import Parameters
from needs.crises import report_list
from needs.crises.crisis_events import Phase, phase_of
from needs.crises.report_list import CrisisFilter, ListedReport
from needs.enums import Category, Channel, NeedState, Urgency
from needs.models import Crisis, CrisisCategory, Need, NeedQuerySet
from needs.reports import intake
from needs.reports.api import ANSWERS, file_as_anyone
from needs.reports.filing import Filed
from needs.reports.intake import EventOfReport, Sender
from needs.reports.serializers import NeedSerializer
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.api.base import ApiView, ListView
from volunteers.people.api.serializers import PlaceSerializer


class CrisisTopicSerializer(serializers.Serializer):
    """A category of reports: its name in the reader's language and its kind of need."""

    id = serializers.IntegerField(source="pk")
    name = serializers.CharField(source="__str__")
    kind = serializers.ChoiceField(choices=Category.choices)


class CrisisSerializer(serializers.Serializer):
    """An event. The texts of the event are in the reader's language if the coordinators entered a translation."""

    slug = serializers.SlugField()
    name = serializers.CharField(source="own_name")
    message = serializers.CharField(source="own_message", allow_blank=True)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(allow_null=True)
    standing = serializers.SerializerMethodField()
    categories = CrisisTopicSerializer(many=True)

    @extend_schema_field(serializers.ChoiceField(choices=[each.value for each in Phase]))
    def get_standing(self, crisis: Crisis) -> str:
        return phase_of(crisis, timezone.now()).value


class Crises(ListView):
    """Events that accept reports. Readers who may read an event's reports also see the event before it begins and after
    it ends."""

    permission_classes = (AllowAny,)
    out = serializer_class = CrisisSerializer

    @extend_schema(tags=["crises"], summary="List events", responses=CrisisSerializer(many=True))
    def get(self, request: Request) -> Response:
        running = Crisis.objects.running(timezone.now()).values("pk")
        seen = crisis_access.visible(self.viewer).values("pk")
        rows = Crisis.objects.filter(pk__in=running) | Crisis.objects.filter(pk__in=seen)
        return self.page(request, rows.prefetch_related("categories").order_by("-starts_at", "pk"))


def _event(viewer: Viewer, slug: str) -> Crisis:
    """Return an event that has begun, or an event with reports that the reader may see. Raises Http404 otherwise."""
    crisis = get_object_or_404(Crisis.objects.prefetch_related("categories"), slug=slug)
    begun = phase_of(crisis, timezone.now()) is not Phase.COMING
    if not begun and not crisis_access.visible(viewer).filter(pk=crisis.pk).exists():
        raise Http404
    return crisis


class CrisisView(ApiView):
    """One event with its categories."""

    permission_classes = (AllowAny,)
    out = serializer_class = CrisisSerializer

    @extend_schema(tags=["crises"], summary="Get an event with its categories")
    def get(self, request: Request, slug: str) -> Response:
        return self.answer(_event(self.viewer, slug))


class CrisisReportSerializer(NeedSerializer):
    """A report to an event: a need of the category's kind. It needs no account."""

    kinds = None  # type: ignore[assignment]  # given by the category
    origin = None  # type: ignore[assignment]
    category = serializers.IntegerField(min_value=1, max_value=2**31 - 1)

    def validate_category(self, key: int) -> CrisisCategory:
        found: CrisisCategory | None = next((each for each in self.context["categories"] if each.pk == key), None)
        if found is None:
            raise serializers.ValidationError(_("Unknown category. GET the event to list its categories."))
        return found

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        return attrs | {"kinds": [attrs["category"].kind]}


class CrisisLineSerializer(serializers.Serializer):
    """A report of an event. place: the centre of the report's cell, null without a place."""

    id = serializers.UUIDField(source="need.pk")
    category = serializers.IntegerField(source="need.crisis_category_id", allow_null=True)
    kinds = serializers.ListField(child=serializers.ChoiceField(choices=Category.choices), source="need.kinds")
    urgency = serializers.ChoiceField(choices=Urgency.choices, source="need.urgency")
    state = serializers.ChoiceField(choices=NeedState.choices, source="need.state")
    persons = serializers.IntegerField(source="need.persons")
    at = serializers.DateTimeField(source="need.at")
    place = serializers.SerializerMethodField()
    outside = serializers.BooleanField()

    @extend_schema_field(PlaceSerializer(allow_null=True))
    def get_place(self, shown: ListedReport) -> Any:
        place = shown.place
        return None if place.longitude is None else {"latitude": place.latitude, "longitude": place.longitude}


class Reports(ListView):
    """Reports of an event."""

    queryset = Need.objects.none()
    filter_backends = (DjangoFilterBackend,)
    filterset_class = Parameters
    out = CrisisLineSerializer
    serializer_class = CrisisReportSerializer

    def get_permissions(self) -> Any:
        return [AllowAny()] if self.request and self.request.method == "POST" else super().get_permissions()

    @extend_schema(
        tags=["crises"], summary="List the reports of an event, for dispatchers and its coordinators",
        responses=CrisisLineSerializer(many=True),
    )  # fmt: skip
    def get(self, request: Request, slug: str) -> Response:
        crisis = crisis_access.readable_crisis(self.viewer, slug)
        asked = Parameters.read(request)
        wanted = CrisisFilter(asked.search, asked.said.get("since"), asked.said.get("until"), asked.box)
        self._crisis, self._readable = crisis, crisis_access.reports_of(self.viewer, crisis)
        answer = self.page(request, report_list.matching_keys(self._readable, crisis, wanted, timezone.now()))
        list_log.record(self.user, "event", len(answer.data["results"]), asked.search)
        return answer

    _crisis: Crisis
    _readable: NeedQuerySet

    def shown(self, rows: Sequence[Any]) -> list[ListedReport]:
        found: list[ListedReport] = []
        for first in range(0, len(rows), report_list.PAGE_SIZE):
            some = rows[first : first + report_list.PAGE_SIZE]
            found += report_list.listed_reports(self._readable, self._crisis, some, Need.objects.none())
        return found

    @extend_schema(tags=["crises"], summary="Report to an event, without an account", responses=ANSWERS, filters=False)
    def post(self, request: Request, slug: str) -> Response:
        crisis = get_object_or_404(Crisis.objects.prefetch_related("categories"), slug=slug)
        phase = phase_of(crisis, timezone.now())
        if phase is Phase.COMING:
            raise Http404
        form = CrisisReportSerializer(data=request.data, context={"categories": crisis.categories.all()})
        form.is_valid(raise_exception=True)
        running = crisis if phase is Phase.RUNNING else None
        event = EventOfReport(running, form.validated_data["category"])

        def file(sender: Sender) -> Filed:
            return intake.file_need(form.draft(), sender, implied=form.implied, channel=Channel.API, event=event)

        return file_as_anyone(request, file)
