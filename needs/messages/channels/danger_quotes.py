"""What came in by text message or e-mail, as dispatchers read it beside an alarm."""

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from needs.enums import WordsWay
from needs.models import InboundMessage
from needs.reports.danger.alarm_quotes import Said
from volunteers.enums import Medium


def _received(keys: Collection[str]) -> dict[str, Said]:
    ways = {Medium.SMS: _("a text message"), Medium.EMAIL: _("an e-mail")}
    rows = InboundMessage.objects.filter(pk__in=keys).select_related("correspondent")
    return {
        str(row.pk): Said(row.text, way=ways.get(Medium(row.correspondent.medium), ""), at=row.received_at)
        for row in rows
    }


QUOTES = {WordsWay.RECEIVED: _received}
