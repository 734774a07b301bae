"""The API of loans."""

import uuid

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from needs.models import Loan, Place
from needs.neighbours.lending import catalogue
from needs.neighbours.lending.loan_states import LoanState
from needs.neighbours.loans import loan_people, loan_requests, loan_steps, piece_calendar
from needs.neighbours.loans.loan_requests import LoanDraft
from needs.neighbours.loans.loan_steps import ConditionDraft
from needs.neighbours.loans.pages.serializers import (
    ItemDaySerializer,
    LoanRequestSerializer,
    LoanSerializer,
    LoanStepSerializer,
)
from volunteers.models import Association
from volunteers.people.api.base import ApiView, ListView


class Loans(ListView):
    """The reader's loans on both sides."""

    out = LoanSerializer
    serializer_class = LoanRequestSerializer

    @extend_schema(tags=["loans"], summary="My loans", responses=LoanSerializer(many=True))
    def get(self, request: Request) -> Response:
        return self.page(request, Loan.objects.for_list().of(self.user).order_by("-asked_at", "pk"))

    @extend_schema(tags=["loans"], summary="Ask for an item", responses={201: LoanSerializer})
    def post(self, request: Request) -> Response:
        data = self.said(LoanRequestSerializer)
        named = data["association"]
        association = get_object_or_404(Association.objects.of(self.user), slug=named) if named else None
        place = get_object_or_404(Place, pk=data["place"]) if data["place"] else None
        draft = LoanDraft(data["first"], data["last"], data["quantity"], association, data["need"], place)
        made = loan_requests.ask(self.viewer, data["item"], draft)
        return self.answer(_own(self, made.pk), 201)


class LoanView(ApiView):
    """One of the reader's loans."""

    out = serializer_class = LoanSerializer

    @extend_schema(tags=["loans"], summary="One of my loans")
    def get(self, request: Request, loan: uuid.UUID) -> Response:
        return self.answer(_own(self, loan))


class LoanSteps(ApiView):
    """Steps of a loan."""

    out = LoanSerializer
    serializer_class = LoanStepSerializer

    @extend_schema(tags=["loans"], summary="Take a step of a loan", responses=LoanSerializer)
    def post(self, request: Request, loan: uuid.UUID) -> Response:
        own, data = _own(self, loan), self.said(LoanStepSerializer)
        seen = ConditionDraft(data["condition"], data["text"]) if data.get("condition") else None
        place = get_object_or_404(Place, pk=data["place"]) if data["place"] else None
        after = LoanState(data["state"])
        loan_steps.move(own.pk, after, self.user, expected=data.get("seen"), seen=seen, place=place)
        return self.answer(_own(self, loan))


class ItemCalendar(ApiView):
    """The days on which an item is free."""

    out = serializer_class = ItemDaySerializer

    @extend_schema(tags=["loans"], summary="When an item is free", responses=ItemDaySerializer(many=True))
    def get(self, request: Request, thing: uuid.UUID) -> Response:
        row = get_object_or_404(catalogue.visible_to(self.user), pk=thing)
        days = piece_calendar.calendar_of(row, timezone.localdate())
        return Response(ItemDaySerializer(days, many=True).data)


def _own(view: ApiView, loan: uuid.UUID) -> Loan:
    row = get_object_or_404(Loan.objects.for_list().of(view.user), pk=loan)
    if loan_people.side_of(view.user, row) is None:
        raise Http404
    return row
