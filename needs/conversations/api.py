"""The API of conversations."""

import uuid

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from needs.conversations import conversation_presenter, threads, writing
from needs.conversations.models import Speaker
from needs.conversations.serializers import ConversationSerializer, MessageSerializer
from needs.conversations.subjects import Subject
from volunteers.people.api.base import ApiView, ListView
from volunteers.people.api.errors import Conflict


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
