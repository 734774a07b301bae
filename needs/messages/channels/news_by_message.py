"""News for reporters who wrote a text message or an e-mail. They get the news by the same medium, and only once for
each event."""

from django.db import transaction
from django.utils import timezone

from needs.help.following.news_wording import NewsText
from needs.messages.channels import outgoing_messages
from needs.messages.channels.inbox import digest_of
from needs.messages.channels.models import Correspondent
from needs.models import ReporterAddress, ReporterNews
from volunteers.enums import Medium
from volunteers.people.notifications.delivery import Undeliverable


def answer(row: ReporterNews, to: str, text: NewsText) -> bool:
    """Send news to the person who reported the need from this number or address; return False if nobody did.

    Raise Undeliverable as :func:`writer_of` and :func:`write_back`.
    """
    if (person := writer_of(row.address, to)) is None:
        return False
    write_back(row, person, text)
    return True


def writer_of(address: ReporterAddress, to: str) -> Correspondent | None:
    """Return the person who reported the need from this number or address; None if the report came through another
    channel.

    Raise Undeliverable if a person with this number or address wrote STOP, also if the need came through another
    channel.
    """
    if address.medium == Medium.PUSH:
        return None
    known = Correspondent.objects.filter(medium=address.medium, digest=digest_of(Medium(address.medium), to)).first()
    if known is not None and known.stopped_at is not None:
        raise Undeliverable("stopped")
    return known if known and known.dialogues.filter(need=address.need_id).exists() else None


def write_back(row: ReporterNews, person: Correspondent, text: NewsText) -> None:
    """Store the message to send, and mark the news as sent in the same transaction.

    Raise Undeliverable if the person was told of the same event before, because two of their reports were merged.
    """
    with transaction.atomic():
        Correspondent.objects.select_for_update().get(pk=person.pk)
        same = ReporterNews.objects.filter(news=row.news, of=row.of, address__need__dialogues__correspondent=person)
        if same.exclude(pk=row.pk).exclude(sent_at=None).filter(address__medium=person.medium).exists():
            raise Undeliverable("told before")
        dialogue = person.dialogues.filter(need=row.address.need_id).order_by("-opened_at").first()
        outgoing_messages.write(person, f"{text.title}. {text.body}", dialogue=dialogue)
        ReporterNews.objects.filter(pk=row.pk, sent_at=None).update(sent_at=timezone.now(), failure="")
