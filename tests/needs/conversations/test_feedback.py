"""Feedback by volunteer and reporter, and what the reporter sees of a commitment."""

from django.test import Client
from django.urls import reverse

from needs.help.commitments import ending
from needs.models import Feedback
from needs.reports import filing
from tests.needs.commitments.commitment_pages import ReportNeed, page_text, take_on_page
from tests.support import Cast
from volunteers.models import Notification


def test_the_reporter_sees_until_when_somebody_takes_care_without_a_name(
    alice: Client, cast: Cast, secret_need: ReportNeed, client: Client
) -> None:
    own = secret_need()
    follow = reverse("needs:follow", args=[filing.follow_token(own.pk)])
    held = take_on_page(alice, own)
    text = page_text(client, follow)
    assert "Somebody takes care of it until" in text
    assert "still open" in text
    for name in ("Alice", cast.alice.email, str(cast.alice.key)):
        assert name not in text
    ending.mark_done(held.pk, cast.alice)
    text = page_text(client, follow)
    assert "done" in text
    assert "How did it go?" in text
    answer = reverse("needs:follow_feedback", args=[filing.follow_token(own.pk), held.pk])
    named = {"went": "badly", "text": "shouted at, 06 12 34 56 78"}
    assert client.post(answer, named).status_code == 400
    assert client.post(answer, named | {"unsafe": "on"}).status_code == 302  # the PII check never delays it
    client.post(answer, {"went": "well"})
    said = Feedback.objects.get()
    assert (said.side, said.went, said.unsafe) == ("reporter", "badly", True)
    assert "How did it go?" not in page_text(client, follow)
    assert Notification.objects.filter(user=cast.carol, title="Somebody did not feel safe").count() == 1


def test_feedback_about_another_need_is_refused(
    alice: Client, cast: Cast, secret_need: ReportNeed, client: Client
) -> None:
    own, other = secret_need(), secret_need()
    held = take_on_page(alice, own)
    ending.mark_done(held.pk, cast.alice)
    wrong = reverse("needs:follow_feedback", args=[filing.follow_token(other.pk), held.pk])
    assert client.post(wrong, {"went": "well"}).status_code == 404
    assert client.post(f"/follow/nonsense/feedback/{held.pk}/", {"went": "well"}).status_code == 404
    assert not Feedback.objects.exists()
