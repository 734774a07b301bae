"""Deletion of messages and addresses together with the reports to which they belong."""

import uuid
from collections.abc import Collection

from needs.messages.channels.models import Correspondent, Dialogue, InboundMessage, OutboundMessage


def forget_needs(needs: Collection[uuid.UUID]) -> None:
    """Delete the dialogues about some needs with their messages, and correspondents who then have no dialogue left."""
    dialogues = Dialogue.objects.filter(need__in=needs)
    people = list(dialogues.values_list("correspondent", flat=True))
    if not people:
        return
    InboundMessage.objects.filter(dialogue__in=dialogues).delete()
    OutboundMessage.objects.filter(dialogue__in=dialogues).delete()
    dialogues.delete()
    Correspondent.objects.filter(pk__in=people, dialogues=None).delete()
