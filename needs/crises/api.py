"""Events: what can be reported to them, reporting, and their reports for whoever may look."""

from collections.abc import Sequence
from datetime import datetime
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

from needs.api.filters import Parameters
from needs.crises import crisis_filing, crisis_readers, report_list
from needs.crises.crisis_events import Standing, standing
from needs.crises.report_list import CrisisFilter, Shown
from needs.enums import Category, Channel, NeedState, Urgency
from needs.models import Crisis, CrisisCategory, Need
from needs.reports.api import ANSWERS, file_as_anyone
from needs.reports.filing import Filed
from needs.reports.intake import Sender
from needs.reports.serializers import NeedSerializer
from volunteers.api.base import ApiView, ListView
from volunteers.api.serializers import PlaceSerializer


class CrisisTopicSerializer(serializers.Serializer):
    """What can be reported, in the reader's language, and the kind of need that it is."""

    id = serializers.IntegerField(source="pk")
    name = serializers.CharField(source="__str__")
    kind = serializers.ChoiceField(choices=Category.choices)


class CrisisSerializer(serializers.Serializer):
    """An event."""

    slug = serializers.SlugField()
    name = serializers.CharField()
    message = serializers.CharField(allow_blank=True)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(allow_null=True)
    standing = serializers.SerializerMethodField()
    categories = CrisisTopicSerializer(many=True)

    @extend_schema_field(serializers.ChoiceField(choices=[each.value for each in Standing]))
    def get_standing(self, crisis: Crisis) -> str:
        return standing(crisis, timezone.now()).value


class Crises(ListView):
    """Events that take reports; those who may look at reports see coming and past ones, too."""

    permission_classes = (AllowAny,)
    out = serializer_class = CrisisSerializer

    @extend_schema(tags=["crises"], summary="Events", responses=CrisisSerializer(many=True))
    def get(self, request: Request) -> Response:
        running = Crisis.objects.running(timezone.now()).values("pk")
        seen = crisis_readers.visible(request.user).values("pk")
        rows = Crisis.objects.filter(pk__in=running) | Crisis.objects.filter(pk__in=seen)
        return self.page(request, rows.prefetch_related("categories").order_by("-starts_at", "pk"))


def _public(user: Any, slug: str) -> Crisis:
    """An event that has begun, or that the reader may look at; Http404 otherwise."""
    crisis = get_object_or_404(Crisis.objects.prefetch_related("categories"), slug=slug)
    begun = standing(crisis, timezone.now()) is not Standing.COMING
    if not begun and not crisis_readers.visible(user).filter(pk=crisis.pk).exists():
        raise Http404
    return crisis


class CrisisView(ApiView):
    """One event with its categories."""

    permission_classes = (AllowAny,)
    out = serializer_class = CrisisSerializer

    @extend_schema(tags=["crises"], summary="One event and what can be reported to it")
    def get(self, request: Request, slug: str) -> Response:
        return self.answer(_public(request.user, slug))


class CrisisReportSerializer(NeedSerializer):
    """A report to an event: a need whose kind is that of the category. No account is needed."""

    kinds = None  # type: ignore[assignment]  # the category says it
    origin = None  # type: ignore[assignment]
    category = serializers.IntegerField(min_value=1, max_value=2**31 - 1)

    def validate_category(self, key: int) -> CrisisCategory:
        for category in self.context["categories"]:
            if category.pk == key:
                found: CrisisCategory = category
                return found
        raise serializers.ValidationError(_("This is no category of this event; GET its address lists them."))

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        return attrs | {"kinds": [attrs["category"].kind]}


class CrisisLineSerializer(serializers.Serializer):
    """A report of an event. place: the point as long as it may be shown, then the middle of the cell (exact: false)."""

    id = serializers.UUIDField(source="need.pk")
    category = serializers.IntegerField(source="need.crisis_category_id", allow_null=True)
    kinds = serializers.ListField(child=serializers.ChoiceField(choices=Category.choices), source="need.kinds")
    urgency = serializers.ChoiceField(choices=Urgency.choices, source="need.urgency")
    state = serializers.ChoiceField(choices=NeedState.choices, source="need.state")
    persons = serializers.IntegerField(source="need.persons")
    at = serializers.DateTimeField(source="need.at")
    place = serializers.SerializerMethodField()
    exact = serializers.SerializerMethodField()
    outside = serializers.BooleanField()

    @extend_schema_field(PlaceSerializer(allow_null=True))
    def get_place(self, shown: Shown) -> Any:
        spot = shown.spot
        return None if spot.longitude is None else {"latitude": spot.latitude, "longitude": spot.longitude}

    def get_exact(self, shown: Shown) -> bool:
        return not (shown.area_only or shown.no_place)


class Reports(ListView):
    """What was reported to an event."""

    queryset = Need.objects.none()
    filter_backends = (DjangoFilterBackend,)
    filterset_class = Parameters
    out = CrisisLineSerializer
    serializer_class = CrisisReportSerializer

    def get_permissions(self) -> Any:
        return [AllowAny()] if self.request and self.request.method == "POST" else super().get_permissions()

    @extend_schema(
        tags=["crises"], summary="The reports of an event, for dispatchers and its coordinators",
        responses=CrisisLineSerializer(many=True),
    )  # fmt: skip
    def get(self, request: Request, slug: str) -> Response:
        crisis = crisis_readers.crisis_for(request.user, slug)
        asked = Parameters.read(request)
        exact = crisis_readers.dispatches(request.user)
        wanted = CrisisFilter(asked.search, asked.said.get("since"), asked.said.get("until"), asked.box)
        self._crisis, self._now, self._exact = crisis, timezone.now(), exact
        crisis_readers.note_places_shown(crisis, request.user, exact=exact)
        return self.page(request, report_list.found(crisis, wanted, self._now, exact=exact))

    _crisis: Crisis
    _now: datetime
    _exact: bool

    def shown(self, rows: Sequence[Any]) -> list[Shown]:
        found: list[Shown] = []
        for first in range(0, len(rows), report_list.PAGE_SIZE):
            some = rows[first : first + report_list.PAGE_SIZE]
            found += report_list.lines(self._crisis, some, self._now, exact=self._exact)
        return found

    @extend_schema(
        tags=["crises"], summary="Report to an event: no account is needed", responses=ANSWERS, filters=False
    )
    def post(self, request: Request, slug: str) -> Response:
        crisis = get_object_or_404(Crisis.objects.prefetch_related("categories"), slug=slug)
        stands = standing(crisis, timezone.now())
        if stands is Standing.COMING:
            raise Http404
        form = CrisisReportSerializer(data=request.data, context={"categories": crisis.categories.all()})
        form.is_valid(raise_exception=True)
        running = crisis if stands is Standing.RUNNING else None
        event = crisis_filing.EventOfReport(running, form.validated_data["category"])

        def file(sender: Sender) -> Filed:
            return crisis_filing.file_report(form.draft(), sender, event, implied=form.implied, channel=Channel.API)

        return file_as_anyone(request, file)
