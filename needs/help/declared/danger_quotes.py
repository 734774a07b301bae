"""What helpers wrote about a need, as dispatchers read it beside an alarm."""

from collections.abc import Collection

from needs.enums import Side, WordsWay
from needs.models import Feedback, HandOver, HelpOffer, NeedAssignment
from needs.reports.danger.alarm_quotes import Said, column


def _feedback(keys: Collection[str]) -> dict[str, Said]:
    rows = Feedback.objects.filter(pk__in=keys)
    return {str(row.pk): Said(row.text, role=Side(row.side).label, at=row.at) for row in rows}


QUOTES = {
    WordsWay.FEEDBACK: _feedback,
    WordsWay.OFFER: column(HelpOffer, "text"),
    WordsWay.HAND_OVER: column(HandOver, "message"),
    WordsWay.GROUP: column(NeedAssignment, "word"),
}
