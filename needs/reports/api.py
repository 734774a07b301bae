"""The API for filing reports: 201 for a new report, 200 for a repeat, 409 if another report already has this id."""

import uuid
from collections.abc import Callable
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request as ApiRequest
from rest_framework.response import Response

from needs.base.custom_questions import question_sets
from needs.base.dispatch_scope.guards import own_associations
from needs.enums import Channel, NeedState
from needs.models import Need, Tour
from needs.reports import filing, intake
from needs.reports.danger import alarm_receipts
from needs.reports.filing import Filed
from needs.reports.intake import Sender
from needs.reports.serializers import (
    EncounterSerializer,
    FiledSerializer,
    NeedFiledSerializer,
    NeedSerializer,
    QuestionSetSerializer,
)
from solidarity.lib.database.idempotent_insert import InsertResult
from volunteers.people.api.base import ApiView

STATUS = {
    InsertResult.NEW: status.HTTP_201_CREATED,
    InsertResult.SAME: status.HTTP_200_OK,
    InsertResult.CONFLICT: status.HTTP_409_CONFLICT,
}
ANSWERS: dict[int, Any] = {201: NeedFiledSerializer, 200: NeedFiledSerializer}
_FILED: dict[int, Any] = {201: FiledSerializer, 200: FiledSerializer}


class Encounters(ApiView):
    """File an encounter of one of the reader's associations."""

    without_session = True
    serializer_class = EncounterSerializer

    @extend_schema(tags=["reports"], summary="File an encounter", request=EncounterSerializer, responses=_FILED)
    def post(self, request: ApiRequest) -> Response:
        user: Any = request.user
        own = {each.slug: each for each in own_associations(user)}
        form = EncounterSerializer(data=request.data, context={"request": request})
        form.is_valid(raise_exception=True)
        association = own.get(form.validated_data.get("association") or next(iter(own)))
        if association is None:
            raise Http404
        draft = form.draft(association)
        if draft.tour:
            check_tour(user, draft.tour, association.pk)
        filed = intake.file_encounter(draft, association=association.pk, author=user.pk, implied=form.implied)
        extra: dict[str, Any] = {"warnings": list(filed.warnings)} if filed.warnings else {}
        if filed.stored is not InsertResult.CONFLICT:
            extra |= alarm_receipts.for_programs(filed)
        return _answer(filed, extra)


class Questions(ApiView):
    """Custom questions that the reader's associations ask about each encounter."""

    out = serializer_class = QuestionSetSerializer

    @extend_schema(
        tags=["reports"], summary="An association's own questions", responses=QuestionSetSerializer(many=True)
    )
    def get(self, request: ApiRequest) -> Response:
        sets = question_sets.sets_for(own_associations(request.user))
        return Response(QuestionSetSerializer(sets, many=True).data)


class Needs(ApiView):
    """File a need. No account is needed; the limits for anonymous filing apply."""

    permission_classes = (AllowAny,)
    without_session = True
    serializer_class = NeedSerializer

    @extend_schema(
        tags=["reports"], summary="File a need: no account is needed", request=NeedSerializer, responses=ANSWERS
    )
    def post(self, request: ApiRequest) -> Response:
        form = NeedSerializer(data=request.data, context={"request": request})
        form.is_valid(raise_exception=True)
        return file_as_anyone(
            request, lambda sender: intake.file_need(form.draft(), sender, implied=form.implied, channel=Channel.API)
        )


def file_as_anyone(request: ApiRequest, file: Callable[[Sender], Filed]) -> Response:
    """File a need for anybody, with or without an account, and respond with the follow-up link."""
    http: Any = request._request
    http.user = request.user  # the account of the token or of the session
    sender = intake.sender_of(http)
    filed = file(sender)
    extra: dict[str, Any] = {}
    if filed.stored is not InsertResult.CONFLICT:
        extra["follow"] = reverse("needs:follow", args=[filing.follow_token(filed.id)])
        again = filed.stored is InsertResult.SAME
        extra["held"] = Need.objects.filter(pk=filed.id, state=NeedState.HELD).exists() if again else filed.held
        extra |= alarm_receipts.for_programs(filed)
    response = _answer(filed, extra)
    intake.remember(response, sender.device)
    return response


def check_tour(user: Any, tour: uuid.UUID, association: int) -> None:
    tours = Tour.objects.live().of_associations(user)
    if get_object_or_404(tours, pk=tour).association_id != association:
        raise ValidationError({"tour": _("This tour is another association's.")})


def _answer(filed: Filed, extra: dict[str, Any]) -> Response:
    body: dict[str, Any] = {"id": str(filed.id), "content_hash": filed.content_hash, **extra}
    if filed.stored is InsertResult.CONFLICT:
        body["detail"] = _("A report with other content was already sent under this id. Send this one under a new id.")
        body["code"] = "conflict"
    return Response(body, status=STATUS[filed.stored])
