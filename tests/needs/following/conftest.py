"""Fixtures of the tests of the follow page: local servers for text messages, mail and push."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from needs.help.following import news_sending, reporter_news
from needs.help.following.follow_link import path_of
from needs.models import Need
from tests.needs.triage.triage_cases import reported
from tests.support import City
from tests.volunteers.conftest import new_browser, post_office, provider, push_service

__all__ = ["new_browser", "post_office", "provider", "push_service"]


def send_all() -> int:
    """Send all waiting news as if the pause after a step were over. Return how many messages were sent."""
    return news_sending.send_waiting(now=timezone.now() + reporter_news.PAUSE)


type Choose = Callable[..., None]


@pytest.fixture
def need(city: City) -> Need:
    return reported(text="two people behind the church", place_text="rue de Dunkerque 18", title="Blankets")


@pytest.fixture
def choose(client: Client, need: Need) -> Choose:
    """Send the link to an address, and choose news of each step, as the reporter does."""

    def send(to: str = "06 12 34 56 78", *, each_step: bool = True, by: str = "sms", **more: object) -> None:
        data = {"medium": by, "to": to, **({"each_step": "on"} if each_step else {}), **more}
        answer = client.post(f"{path_of(need.pk)}link/", data)
        assert answer.status_code == 302, answer.content.decode()

    return send
