"""The dispatchers' API: the queue, one need, steps, calls, duplicates, locks."""

import uuid
from datetime import timedelta

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from needs.base.dispatch_scope import list_log, scope
from needs.base.dispatch_scope.api_permissions import DISPATCHERS
from needs.base.lifecycle import transitions
from needs.base.lifecycle.transitions import Actor, Cause, NotPossible
from needs.base.need_filters.api_filters import QueueParameters
from needs.enums import NeedState
from needs.help.corrections import desk_corrections
from needs.help.corrections.api import by_of, naming_the_field
from needs.help.corrections.serializers import NeedCorrectionSerializer
from needs.help.triage import ageing, bulk, calls, duplicates, need_locks, reporter_answers, triage_queue
from needs.help.triage.bulk import Chosen
from needs.help.triage.serializers import (
    BandSerializer,
    BulkSerializer,
    CallSerializer,
    CandidateSerializer,
    ContactSerializer,
    HolderSerializer,
    LockSerializer,
    MergeSerializer,
    MoveSerializer,
    ResultSerializer,
    TriageNeedDetailSerializer,
    TriageNeedSerializer,
)
from needs.help.triage.triage_queue import QueueFilter
from needs.models import Merge, Need
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.api.base import ApiView, ListView


def need_or_404(viewer: Viewer, need: uuid.UUID) -> Need:
    """Return a need with the related rows that the API shows. Raises Http404 unless the viewer works on it."""
    rows = triage_queue.with_call_at(scope.needs_for(viewer).live())
    return get_object_or_404(rows.select_related("association", "crisis", "district", "lock__holder"), pk=need)


class Queue(ListView):
    """The needs to sort: unanswered danger first, then by the expected harm of waiting."""

    permission_classes = DISPATCHERS
    queryset = Need.objects.none()
    filter_backends = (DjangoFilterBackend,)
    filterset_class = QueueParameters
    out = serializer_class = TriageNeedSerializer

    @extend_schema(tags=["triage"], summary="The queue", responses=TriageNeedSerializer(many=True))
    def get(self, request: Request) -> Response:
        asked = QueueParameters.read(request)
        wanted = QueueFilter(asked.search, to_call=bool(asked.said.get("to_call")), lane=asked.said.get("lane") or "")
        found = asked.narrow(triage_queue.queue(self.viewer, wanted, timezone.now()))
        answer = self.page(request, found.select_related("crisis", "district"))
        list_log.record(self.user, "queue", len(answer.data["results"]), asked.search, lane=wanted.lane)
        return answer


class NeedView(ApiView):
    """One need, as its page shows it to dispatchers."""

    permission_classes = DISPATCHERS
    out = serializer_class = TriageNeedDetailSerializer

    @extend_schema(tags=["triage"], summary="One need: place, steps, calls, possible next states")
    def get(self, request: Request, need: uuid.UUID) -> Response:
        found = need_or_404(self.viewer, need)
        reporter_answers.log_place_shown(found, self.user)
        scope.first_opened(found, timezone.now())
        return self.answer(found)

    @extend_schema(
        tags=["triage"], summary="Correct a need: place, kinds, urgency, people, title",
        description="204: the new place is on another desk, and the need has gone there as new.",
        request=NeedCorrectionSerializer, responses={200: TriageNeedDetailSerializer, 204: None},
    )  # fmt: skip
    def patch(self, request: Request, need: uuid.UUID) -> Response:
        found = need_or_404(self.viewer, need)
        data = self.said(NeedCorrectionSerializer)
        changes, by = NeedCorrectionSerializer.changes(data), by_of(self.user, data)
        with naming_the_field():
            if not desk_corrections.correct_need(self.viewer, found.pk, changes, by, seen=data["seen"]):
                return Response(status=204)
        found = need_or_404(self.viewer, need)
        reporter_answers.log_place_shown(found, self.user)
        return self.answer(found)


class Moves(ApiView):
    """Steps of a need."""

    permission_classes = DISPATCHERS
    out = TriageNeedDetailSerializer
    serializer_class = MoveSerializer

    @extend_schema(tags=["triage"], summary="Move a need to another state", responses=TriageNeedDetailSerializer)
    def post(self, request: Request, need: uuid.UUID) -> Response:
        found, data = need_or_404(self.viewer, need), self.said(MoveSerializer)
        after = NeedState(data["state"])
        if after == NeedState.DUPLICATE:
            raise ValidationError({"state": _("To close it as a duplicate, merge it with the other need.")})
        reason = bulk.reason_of(after, data["reason"])
        if after in transitions.REASONS and reason not in transitions.REASONS[after]:
            raise ValidationError({"reason": _("Choose a reason, so that others understand it later.")})
        cause = Cause(Actor.DISPATCHER, request.user.pk, reason, data["text"])
        try:
            transitions.move(found.pk, after, cause, expected=data["seen"])
        except NotPossible as refused:
            if refused.refusal is not transitions.TransitionRefusal.PLACE:
                raise
            words = _("Say where it is first: PATCH this need with a point, its district, or place_unknown.")
            raise ValidationError({"place": words}) from None
        moved = need_or_404(self.viewer, need)
        reporter_answers.log_place_shown(moved, self.user)
        return self.answer(moved)


class Calls(ApiView):
    """Attempts to call the reporter back."""

    permission_classes = DISPATCHERS
    out = serializer_class = CallSerializer

    @extend_schema(tags=["triage"], summary="Call-backs", responses=CallSerializer(many=True))
    def get(self, request: Request, need: uuid.UUID) -> Response:
        return Response(CallSerializer(need_or_404(self.viewer, need).calls.select_related("by"), many=True).data)

    @extend_schema(tags=["triage"], summary="Log a call back", responses={201: CallSerializer})
    def post(self, request: Request, need: uuid.UUID) -> Response:
        found, data = need_or_404(self.viewer, need), self.said(CallSerializer)
        again = timedelta(hours=data["again_in"]) if data["again_in"] else None
        return self.answer(calls.log_call(found, self.user, data["result"], note=data["note"], again_in=again), 201)


class Contact(ApiView):
    """The reporter's contact."""

    permission_classes = DISPATCHERS
    out = serializer_class = ContactSerializer

    @extend_schema(
        tags=["triage"],
        summary="The reporter's contact; the access is logged",
        request=None,
        responses=ContactSerializer,
    )
    def post(self, request: Request, need: uuid.UUID) -> Response:
        found = get_object_or_404(scope.needs_for(self.viewer).live().exclude(contact=None), pk=need)
        return self.answer({"contact": reporter_answers.reveal_contact(found, dispatcher=self.user)})


class Lock(ApiView):
    """The person who works on a need. A lock is only a warning; it does not stop other dispatchers."""

    permission_classes = DISPATCHERS
    out = HolderSerializer
    serializer_class = LockSerializer

    @extend_schema(tags=["triage"], summary="Take or renew the lock of a need", responses=HolderSerializer)
    def post(self, request: Request, need: uuid.UUID) -> Response:
        over = self.said(LockSerializer)["over"]
        return self.answer(need_locks.acquire(need_or_404(self.viewer, need).pk, self.user, timezone.now(), over=over))

    @extend_schema(tags=["triage"], summary="Release the lock", responses={204: None})
    def delete(self, request: Request, need: uuid.UUID) -> Response:
        need_locks.release(need_or_404(self.viewer, need).pk, self.user)
        return Response(status=204)


class Duplicates(ApiView):
    """Possible duplicates of a need."""

    permission_classes = DISPATCHERS
    out = serializer_class = CandidateSerializer

    @extend_schema(tags=["triage"], summary="Likely duplicates", responses=CandidateSerializer(many=True))
    def get(self, request: Request, need: uuid.UUID) -> Response:
        found = duplicates.candidates(need_or_404(self.viewer, need), scope.needs_for(self.viewer))
        return Response(CandidateSerializer(found, many=True, context={"request": request}).data)


class MergeView(ApiView):
    """Merging two needs."""

    permission_classes = DISPATCHERS
    out = serializer_class = MergeSerializer

    @extend_schema(
        tags=["triage"], summary="Merge the other need into this one", request=None, responses={201: MergeSerializer}
    )
    def post(self, request: Request, need: uuid.UUID, other: uuid.UUID) -> Response:
        return self.answer(
            duplicates.merge(need_or_404(self.viewer, need).pk, need_or_404(self.viewer, other).pk, self.user), 201
        )


class Apart(ApiView):
    """Marking two needs as different."""

    permission_classes = DISPATCHERS
    serializer_class = MergeSerializer

    @extend_schema(tags=["triage"], summary="Mark two needs as different", request=None, responses={204: None})
    def post(self, request: Request, need: uuid.UUID, other: uuid.UUID) -> Response:
        one, two = need_or_404(self.viewer, need), need_or_404(self.viewer, other)
        if one.pk == two.pk:
            raise ValidationError({"other": _("These two are the same need.")})
        duplicates.mark_different(one.pk, two.pk, self.user)
        return Response(status=204)


class UndoMerge(ApiView):
    """Undoing a merge."""

    permission_classes = DISPATCHERS
    out = serializer_class = MergeSerializer

    @extend_schema(tags=["triage"], summary="Undo a merge", request=None, responses=MergeSerializer)
    def post(self, request: Request, merge: uuid.UUID) -> Response:
        found = get_object_or_404(Merge, pk=merge)
        scope.needs_or_404(self.viewer, found.kept_id, found.merged_id)
        return self.answer(duplicates.undo_merge(found.pk, self.user))


class Bulk(ApiView):
    """The same step for many needs."""

    permission_classes = DISPATCHERS
    out = ResultSerializer
    serializer_class = BulkSerializer

    @extend_schema(tags=["triage"], summary="The same step for many", responses=ResultSerializer(many=True))
    def post(self, request: Request) -> Response:
        data = self.said(BulkSerializer)
        if data["action"] == bulk.BulkAction.REJECT and not data["reason"]:
            raise ValidationError({"reason": _("Choose a reason, so that others understand it later.")})
        chosen = [Chosen(each["id"], each["seen"]) for each in data["needs"]]
        mine = scope.needs_for(self.viewer)
        results = bulk.apply(data["action"], chosen, mine, self.user, reason=data["reason"], text=data["text"])
        return Response(ResultSerializer(results, many=True).data)


class Ageing(ApiView):
    """Needs that have waited for a long time."""

    permission_classes = DISPATCHERS
    out = serializer_class = BandSerializer

    @extend_schema(tags=["triage"], summary="Unfinished needs by age", responses=BandSerializer(many=True))
    def get(self, request: Request) -> Response:
        bands = ageing.bands(scope.needs_for(self.viewer), timezone.now())
        list_log.record(self.user, "ageing", sum(band.count for band in bands))
        return Response(BandSerializer(bands, many=True).data)
