"""Messages between holder and reporter."""

from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from needs.doors.retention import runner
from needs.help.commitments import ending
from needs.help.triage.triage_queue import QueueFilter
from needs.help.triage.working_list import desk_lines, list_tabs
from needs.models import Feedback, Message
from needs.reports import filing
from tests.needs.commitments.commitment_pages import ReportNeed, page_text, take_on_page
from tests.support import Cast, SignedIn
from volunteers.models import Notification, User
from volunteers.people.accounts.viewer import Viewer

MESSAGES = "/triage/?only=messages"


def entries_for(user: User) -> int:
    """The number of the tab "Messages" of a dispatcher."""
    now = timezone.now()
    tabs = list_tabs.tabs_of(Viewer(user), QueueFilter(), [], now, desk_lines.lines_for(Viewer(user), now))
    return next(tab.number for tab in tabs if tab.path == MESSAGES)


def test_messages_reach_the_other_side_without_names(
    alice: Client, cast: Cast, secret_need: ReportNeed, client: Client, signed_in: SignedIn
) -> None:
    own = secret_need()
    token = filing.follow_token(own.pk)
    held = take_on_page(alice, own)
    alice.post(f"/conversations/commitment/{held.pk}/", {"text": "I come at eight", "by_phone": "on"})
    text = page_text(client, f"/follow/{token}/")
    assert "I come at eight" in text
    assert "Alice" not in text
    client.post(reverse("needs:follow_message", args=[token]), {"text": "Thank you, we wait", "to": "holders"})
    assert "Thank you, we wait" in page_text(alice, reverse("needs:commitment", args=[held.pk]))
    assert Notification.objects.filter(user=cast.alice, title="A message about a need that you took").exists()
    assert not any("eight" in f"{notice.title}{notice.body}" for notice in Notification.objects.all())

    assert alice.get(MESSAGES).status_code == 404
    desk = signed_in(cast.carol)
    assert "I come at eight" in page_text(desk, MESSAGES)
    message = Message.objects.get(by_phone=True)
    Feedback.objects.create(commitment=held, side="reporter", went="badly", unsafe=True)
    assert entries_for(cast.carol) == 2
    assert entries_for(cast.edith) == 0
    desk.post(reverse("needs:commitment_passed_on", args=[message.pk]))
    assert "I come at eight" not in page_text(desk, MESSAGES)
    assert entries_for(cast.carol) == 1
    ending.mark_done(held.pk, cast.alice)
    client.post(reverse("needs:follow_message", args=[token]), {"text": "too late", "to": "holders"})
    assert Message.objects.count() == 2


def test_messages_are_deleted_after_two_weeks(alice: Client, secret_need: ReportNeed) -> None:
    held = take_on_page(alice, secret_need())
    alice.post(f"/conversations/commitment/{held.pk}/", {"text": "I come at eight"})
    runner.run(timezone.now() + timedelta(days=13))
    assert Message.objects.count() == 1
    runner.run(timezone.now() + timedelta(days=15))
    assert not Message.objects.exists()
