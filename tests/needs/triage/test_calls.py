"""Calls back to reporters."""

from datetime import timedelta

from django.test import Client

from needs.models import CallAttempt
from tests.needs.triage.triage_cases import page_of, reported
from tests.support import Cast


def test_calls_are_stored_with_the_time_of_the_next_attempt(cast: Cast, carol: Client) -> None:
    need = reported(contact="06 12 34 56 78")
    carol.post(f"/triage/{need.pk}/call/", {"result": "no_answer", "again_in": "3", "note": "rang ten times"})
    first = CallAttempt.objects.get()
    assert first.by == cast.carol
    assert first.next_at is not None
    assert first.next_at - first.at == timedelta(hours=3)
    carol.post(f"/triage/{need.pk}/call/", {"result": "reached", "again_in": "3"})
    latest = CallAttempt.objects.first()
    assert latest is not None and latest.next_at is None
    page = page_of(carol, need)
    assert "rang ten times" in page and "No answer" in page and "Reached" in page
    assert "06 12" not in page


def test_a_call_without_a_result_shows_the_form_with_its_note(carol: Client) -> None:
    need = reported()
    answer = carol.post(f"/triage/{need.pk}/call/", {"note": "busy line"})
    assert answer.status_code == 400
    assert "busy line" in answer.content.decode()
    assert not CallAttempt.objects.exists()
