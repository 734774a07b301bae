"""Messages that tests need without the verbs that write them."""

from typing import Any

from needs.models import Conversation, Message


def said(speaker: str, text: str, **columns: Any) -> Message:
    """Store a message. columns: the subject, for example ``commitment``, and columns of the message."""
    subjects = {"commitment", "need", "plan", "tour", "loan", "event", "group"}
    about = {name: columns.pop(name) for name in subjects & columns.keys()}
    thread = Conversation.objects.get_or_create(**about)[0]
    return Message.objects.create(conversation=thread, speaker=speaker, text=text, **columns)
