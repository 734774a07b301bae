"""The API of saved searches and alerts."""

import json
import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from needs.base.dispatch_scope import list_log
from needs.base.dispatch_scope.api_permissions import DISPATCHERS
from needs.base.need_filters.need_filters import MAX_HOURS, SearchQuery
from needs.enums import Category, Channel, NeedState, SearchPage, Urgency
from needs.help.saved_searches import alerts
from needs.help.saved_searches.forms import CIRCLE, DRAWN, EVERYWHERE, MAX_CORNERS, TERRITORY, AlertForm
from needs.help.triage import triage_queue
from needs.help.triage.serializers import TriageNeedSerializer
from needs.help.triage.triage_queue import QueueFilter
from needs.models import SavedSearch
from volunteers.models import Association
from volunteers.people.api.base import ApiView, viewer_of
from volunteers.people.api.errors import Conflict
from volunteers.people.api.serializers import Choices
from volunteers.places.territories import areas, duties

# --- searches of the queue -------------------------------------------------------------------------------------------


class QuerySerializer(serializers.Serializer):
    """The filters of a search; filters that are missing do not apply."""

    kinds = Choices(Category.choices, required=False)
    urgency = Choices(Urgency.choices, required=False)
    states = Choices(NeedState.choices, required=False)
    channel = Choices(Channel.choices, required=False)
    area = serializers.CharField(max_length=140, required=False, allow_blank=True)
    newer = serializers.IntegerField(min_value=0, max_value=MAX_HOURS, required=False)
    older = serializers.IntegerField(min_value=0, max_value=MAX_HOURS, required=False)
    to_call = serializers.BooleanField(required=False)


class SearchSerializer(serializers.Serializer):
    """A saved search of the queue. association: the association with which the search is shared; null if the search is
    private. query: the parameters of the queue."""

    id = serializers.UUIDField(read_only=True)
    name = serializers.CharField(max_length=80)
    query = QuerySerializer()
    association = serializers.SlugField(
        source="association.slug", default=None, allow_null=True, help_text="One of the reader's."
    )
    mine = serializers.SerializerMethodField()

    def get_mine(self, search: SavedSearch) -> bool:
        return bool(search.user_id == self.context["request"].user.pk)


class Searches(ApiView):
    """Saved searches of the queue."""

    permission_classes = DISPATCHERS
    out = serializer_class = SearchSerializer

    @extend_schema(tags=["searches"], summary="Saved searches of the queue", responses=SearchSerializer(many=True))
    def get(self, request: Request) -> Response:
        rows = triage_queue.saved_searches(self.user).select_related("association")
        return Response(SearchSerializer(rows, many=True, context={"request": request}).data)

    @extend_schema(tags=["searches"], summary="Save a search", responses={201: SearchSerializer})
    def post(self, request: Request) -> Response:
        user = self.user
        data = self.said(SearchSerializer)
        slug, association = (data["association"] or {}).get("slug"), None
        if slug:
            association = Association.objects.of(user).filter(slug=slug).first()
            if association is None:
                raise ValidationError(
                    {"association": _("You can only act for an association that you are a member of.")}
                )
        kept = triage_queue.save_search(user, data["name"], QueueFilter.from_json(data["query"]), association)
        return self.answer(kept, 201)


class Search(ApiView):
    """One of the reader's own searches."""

    permission_classes = DISPATCHERS
    serializer_class = SearchSerializer

    @extend_schema(tags=["searches"], summary="Delete a search", responses={204: None})
    def delete(self, request: Request, search: uuid.UUID) -> Response:
        own = SavedSearch.objects.filter(user=request.user.pk, page=SearchPage.TRIAGE)
        triage_queue.delete_search(get_object_or_404(own, pk=search))
        return Response(status=204)


# --- alerts ----------------------------------------------------------------------------------------------------------


class AlertSerializer(serializers.Serializer):
    """A search with an alert. corners: the corners of the drawn area or of the circle, as [longitude, latitude]."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    on = serializers.BooleanField(source="alert")
    page = serializers.ChoiceField(choices=SearchPage.choices)
    query = serializers.SerializerMethodField()
    corners = serializers.SerializerMethodField()
    crisis = serializers.SlugField(source="crisis.slug", default=None, allow_null=True)
    alerted_until = serializers.DateTimeField()

    @extend_schema_field(QuerySerializer)
    def get_query(self, search: SavedSearch) -> Any:
        return SearchQuery.from_json(search.query).to_json()

    @extend_schema_field(
        serializers.ListField(child=serializers.ListField(child=serializers.FloatField()), allow_null=True)
    )
    def get_corners(self, search: SavedSearch) -> Any:
        return [list(corner) for corner in search.area.coords[0]] if search.area else None


class NewAlertSerializer(serializers.Serializer):
    """A new alert. where: the area, given with ``territory``, with ``latitude``, ``longitude``, ``radius``, or with
    ``corners``."""

    name = serializers.CharField(max_length=80)
    kinds = Choices(Category.choices, default=list)
    urgency = Choices(Urgency.choices, default=list)
    where = serializers.ChoiceField(choices=[EVERYWHERE, TERRITORY, CIRCLE, DRAWN], default=EVERYWHERE)
    territory = serializers.CharField(max_length=140, allow_blank=True, default="")
    latitude = serializers.FloatField(required=False, min_value=-85, max_value=85)
    longitude = serializers.FloatField(required=False, min_value=-180, max_value=180)
    radius = serializers.ChoiceField(choices=[500, 1000, 2000, 5000, 10000], required=False)
    corners = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField(), min_length=2, max_length=2),
        max_length=MAX_CORNERS,
        default=list,
        help_text="[longitude, latitude] of each corner.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        data = {name: attrs[name] for name in attrs if name != "corners"} | {"corners": json.dumps(attrs["corners"])}
        request = self.context["request"]
        own = list(areas.areas_for(viewer_of(request)))
        form = AlertForm(data, areas=own, dispatches=duties.is_dispatcher(request.user))
        if not form.is_valid():
            raise serializers.ValidationError(
                {name: [str(each) for each in errors] for name, errors in form.errors.items()}
            )
        return {"wanted": form.wanted()}


class SwitchSerializer(serializers.Serializer):
    on = serializers.BooleanField()


class Alerts(ApiView):
    """The reader's alerts, and searches that can have one."""

    out = AlertSerializer
    serializer_class = NewAlertSerializer

    @extend_schema(tags=["alerts"], summary="My alerts", responses=AlertSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(AlertSerializer(alerts.own_searches(self.user), many=True).data)

    @extend_schema(tags=["alerts"], summary="A new alert", responses={201: AlertSerializer})
    def post(self, request: Request) -> Response:
        data = self.said(NewAlertSerializer)
        try:
            return self.answer(alerts.save_alert(self.user, data["wanted"]), 201)
        except alerts.TooMany:
            raise Conflict(_("You have reached the maximum number of alerts. Delete one first.")) from None


class Alert(ApiView):
    """One of the reader's alerts."""

    out = AlertSerializer
    serializer_class = SwitchSerializer

    def _one(self, search: uuid.UUID) -> SavedSearch:
        return get_object_or_404(alerts.own_searches(self.user), pk=search)

    @extend_schema(tags=["alerts"], summary="One of my alerts", responses=AlertSerializer)
    def get(self, request: Request, search: uuid.UUID) -> Response:
        return self.answer(self._one(search))

    @extend_schema(
        tags=["alerts"], summary="Switch an alert on or off", request=SwitchSerializer, responses=AlertSerializer
    )
    def patch(self, request: Request, search: uuid.UUID) -> Response:
        alerts.switch(self._one(search), on=self.said(SwitchSerializer)["on"])
        return self.answer(self._one(search))

    @extend_schema(tags=["alerts"], summary="Delete an alert", responses={204: None})
    def delete(self, request: Request, search: uuid.UUID) -> Response:
        alerts.delete_alert(self._one(search))
        return Response(status=204)


class AlertFound(ApiView):
    """What a dispatcher's alert found in the last week."""

    permission_classes = DISPATCHERS
    out = serializer_class = TriageNeedSerializer

    @extend_schema(
        tags=["alerts"], summary="What an alert found in the last week", responses=TriageNeedSerializer(many=True)
    )
    def get(self, request: Request, search: uuid.UUID) -> Response:
        own = get_object_or_404(alerts.own_searches(self.user), pk=search)
        keys = [need.pk for need in alerts.found_last_week(own, timezone.now())]
        rows = triage_queue.queue(self.viewer, QueueFilter(SearchQuery(states=tuple(NeedState.values))), timezone.now())
        rows = rows.filter(pk__in=keys).select_related("crisis").order_by("-filed_at", "pk")
        list_log.record(self.user, "alert", len(rows), SearchQuery.from_json(own.query))
        return Response(TriageNeedSerializer(rows, many=True).data)
