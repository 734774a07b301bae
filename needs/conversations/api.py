"""The API of conversations, and of feedback about a commitment."""

import uuid

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from needs.commitments.commitment_presenter import own_commitment
from needs.conversations import conversation_presenter, feedback, threads, writing
from needs.conversations.models import Speaker
from needs.conversations.participants import Subject
from needs.conversations.serializers import ConversationSerializer, FeedbackSerializer, MessageSerializer
from needs.enums import Side
from volunteers.api.base import ApiView, ListView
from volunteers.api.errors import Conflict


class Conversations(ListView):
    """The reader's threads with messages, the latest first."""

    out = serializer_class = ConversationSerializer

    @extend_schema(tags=["conversations"], summary="My threads", responses=ConversationSerializer(many=True))
    def get(self, request: Request) -> Response:
        return self.page(request, threads.mine(self.viewer))


_ON = OpenApiParameter("on", str, description="of a repeated event: start of the occurrence, ISO 8601")


class Messages(ApiView):
    """The messages of one thread."""

    out = serializer_class = MessageSerializer

    def _subject(self, kind: str, about: uuid.UUID) -> tuple[Subject, Speaker]:
        return threads.for_viewer(self.viewer, kind, about, self.request.query_params.get("on", ""))

    @extend_schema(
        tags=["conversations"], summary="Messages of a thread", parameters=[_ON], responses=MessageSerializer(many=True)
    )
    def get(self, request: Request, kind: str, about: uuid.UUID) -> Response:
        subject, speaker = self._subject(kind, about)
        lines = conversation_presenter.lines_for(subject, speaker, self.user)
        writing.mark_read(subject, self.user)
        return Response(MessageSerializer(lines, many=True).data)

    @extend_schema(
        tags=["conversations"], summary="Write a message", parameters=[_ON], responses={201: MessageSerializer}
    )
    def post(self, request: Request, kind: str, about: uuid.UUID) -> Response:
        (subject, speaker), data = self._subject(kind, about), self.said(MessageSerializer)
        if problem := subject.contact_problem(data["text"]):
            raise ValidationError({"text": [problem]})
        text, id, by_phone = data["text"], data.get("id"), data["by_phone"]
        try:
            sent = writing.write(subject, speaker, self.user, text, id=id, by_phone=by_phone)
        except writing.WritingRefused:
            if writing.keep_danger(subject.need, speaker, text, id=id):
                raise Conflict(str(writing.ONLY_DISPATCH)) from None
            raise
        lines = conversation_presenter.lines_for(subject, speaker, self.user)
        return self.answer(next(line for line in lines if line.message.pk == sent.pk), 201)


class FeedbackView(ApiView):
    """Feedback of the holder."""

    serializer_class = FeedbackSerializer

    @extend_schema(tags=["commitments"], summary="Give feedback", responses={204: None})
    def post(self, request: Request, commitment: uuid.UUID) -> Response:
        own, data = own_commitment(self.user, commitment), self.said(FeedbackSerializer)
        if not feedback.give_feedback(own, Side.VOLUNTEER, **data):
            raise Conflict(_("You have already given feedback."))
        return Response(status=204)
