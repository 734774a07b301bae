"""What people wrote in conversations, as dispatchers read it beside an alarm."""

from collections.abc import Collection

from needs.enums import WordsWay
from needs.models import Message, RefusedMessage
from needs.reports.danger.alarm_quotes import Said


def _messages(keys: Collection[str]) -> dict[str, Said]:
    """Return messages by the rules of conversations: without those that a moderator hid, and without the text of those
    that wait for a moderator."""
    return {
        str(row.pk): Said(
            "" if row.held_at else row.text, role=row.get_speaker_display(), at=row.at, held=row.held_at is not None
        )
        for row in Message.objects.filter(pk__in=keys, hidden_at=None)
    }


def _refused(keys: Collection[str]) -> dict[str, Said]:
    rows = RefusedMessage.objects.filter(pk__in=keys)
    return {str(row.pk): Said(row.text, role=row.get_speaker_display(), at=row.at) for row in rows}


QUOTES = {WordsWay.MESSAGE: _messages, WordsWay.REFUSED: _refused}
