"""The volunteers' API of messages and feedback about a commitment."""

import uuid

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from needs.commitments.commitment_presenter import own_commitment
from needs.conversations import feedback, relayed_messages
from needs.conversations.serializers import FeedbackSerializer, MessageSerializer
from needs.enums import Side
from volunteers.api.base import ApiView
from volunteers.api.errors import Conflict


class Messages(ApiView):
    """Messages between the reader and the reporter, who stays unknown."""

    out = serializer_class = MessageSerializer

    @extend_schema(tags=["commitments"], summary="Messages of both sides", responses=MessageSerializer(many=True))
    def get(self, request: Request, commitment: uuid.UUID) -> Response:
        return Response(MessageSerializer(own_commitment(self.user, commitment).relayed.all(), many=True).data)

    @extend_schema(tags=["commitments"], summary="Write to the reporter", responses={201: MessageSerializer})
    def post(self, request: Request, commitment: uuid.UUID) -> Response:
        own, data = own_commitment(self.user, commitment), self.said(MessageSerializer)
        sent = relayed_messages.write_to_reporter(own.pk, self.user, data["text"], by_phone=data["by_phone"])
        return self.answer(sent, 201)


class FeedbackView(ApiView):
    """Feedback of the holder."""

    serializer_class = FeedbackSerializer

    @extend_schema(tags=["commitments"], summary="Give feedback", responses={204: None})
    def post(self, request: Request, commitment: uuid.UUID) -> Response:
        own, data = own_commitment(self.user, commitment), self.said(FeedbackSerializer)
        if not feedback.give_feedback(own, Side.VOLUNTEER, **data):
            raise Conflict(_("You have already given feedback."))
        return Response(status=204)
