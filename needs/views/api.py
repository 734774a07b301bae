"""The same reports as JSON: 201 when new, 200 when it was there, 409 when other content has that id."""

import uuid
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import JSONParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request as ApiRequest
from rest_framework.response import Response
from rest_framework.views import APIView

from needs import filing, intake
from needs.enums import NeedState
from needs.filing import Filed
from needs.models import Need, Tour
from needs.moments import is_long_ago
from needs.serializers import EncounterSerializer, FiledSerializer, NeedSerializer
from needs.views.own import own_associations
from needs.views.reporting import receive
from solidarity.lib.once import Stored

STATUS = {
    Stored.NEW: status.HTTP_201_CREATED,
    Stored.SAME: status.HTTP_200_OK,
    Stored.CONFLICT: status.HTTP_409_CONFLICT,
}
_ANSWERS: dict[int, Any] = {201: FiledSerializer, 200: FiledSerializer, 409: FiledSerializer}


class Encounters(APIView):
    """File an encounter of one of the reader's associations."""

    parser_classes = (JSONParser,)

    @extend_schema(request=EncounterSerializer, responses=_ANSWERS)
    def post(self, request: ApiRequest) -> Response:
        user: Any = request.user
        own = {each.slug: each for each in own_associations(user)}
        form = EncounterSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        association = own.get(form.validated_data.get("association") or next(iter(own)))
        if association is None:
            raise Http404
        draft = form.draft()
        if draft.tour:
            _check_tour(user, draft.tour, association.pk)
        filed = intake.file_encounter(draft, association=association.pk, author=user.pk, implied=form.implied)
        old = [_("This was more than 60 days ago: it is kept, but no longer changes the map.")]
        return _answer(filed, {"warnings": old} if is_long_ago(draft.at) else {})


class Needs(APIView):
    """File a need; no account is needed, the limits of anonymous filing hold."""

    parser_classes = (JSONParser,)
    permission_classes = (AllowAny,)

    @extend_schema(request=NeedSerializer, responses=_ANSWERS)
    def post(self, request: ApiRequest) -> Response:
        form = NeedSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        device = intake.device_of(request._request)
        filed = receive(request._request, form, device)
        extra: dict[str, Any] = {}
        if filed.stored is not Stored.CONFLICT:
            extra["follow"] = reverse("needs:follow", args=[filing.follow_token(filed.id)])
            extra["held"] = Need.objects.filter(pk=filed.id, state=NeedState.HELD).exists()
        response = _answer(filed, extra)
        intake.remember(response, device)
        return response


def _check_tour(user: Any, tour: uuid.UUID, association: int) -> None:
    tours = Tour.objects.live().of_associations(user)
    if get_object_or_404(tours, pk=tour).association_id != association:
        raise ValidationError({"tour": _("This tour is another association's.")})


def _answer(filed: Filed, extra: dict[str, Any]) -> Response:
    body: dict[str, Any] = {"id": str(filed.id), "content_hash": filed.content_hash, **extra}
    if filed.stored is Stored.CONFLICT:
        body["detail"] = _("A report with other content was already sent under this id. Send this one under a new id.")
    return Response(body, status=STATUS[filed.stored])
