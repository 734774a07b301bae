"""Extensions and reminders of running commitments."""

from datetime import timedelta

from needs.help.commitments import extending, taking
from needs.help.records.refusals import Refusal
from tests.needs.commitments.commitment_cases import ReportNeed, refused
from tests.support import Cast
from volunteers.models import Notification


def test_the_reminder_is_sent_once_per_expiry(cast: Cast, report_need: ReportNeed) -> None:
    held = taking.take(report_need(), cast.alice)
    assert extending.remind(held.made_at + timedelta(hours=2, minutes=59)) == 0
    assert extending.remind(held.made_at + timedelta(hours=3, minutes=1)) == 1
    assert extending.remind(held.made_at + timedelta(hours=3, minutes=2)) == 0
    extending.extend(held.pk, cast.alice)
    assert extending.remind(held.made_at + timedelta(hours=3, minutes=3)) == 0
    assert extending.remind(held.made_at + timedelta(hours=7, minutes=1)) == 1
    texts = [f"{notice.title} {notice.body} {notice.path}" for notice in Notification.objects.all()]
    assert len(texts) == 2
    assert all("48." not in text and "Alice" not in text for text in texts)


def test_a_commitment_can_be_extended_twice(cast: Cast, report_need: ReportNeed) -> None:
    held = taking.take(report_need(), cast.alice)
    for times in (1, 2):
        longer = extending.extend(held.pk, cast.alice)
        assert longer.expires_at - held.expires_at == times * timedelta(hours=4)
    assert refused(lambda: extending.extend(held.pk, cast.alice)).refusal is Refusal.NO_MORE_TIME
    assert refused(lambda: extending.extend(held.pk, cast.bob)).refusal is Refusal.OVER
