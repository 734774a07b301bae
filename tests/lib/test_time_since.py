"""The time since a moment, as pages show it."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from volunteers.templatetags.time_tags import ago


@pytest.mark.parametrize("seconds", [-90, 0, 1, 59])
def test_the_first_minute_and_the_future_are_just_now(seconds: int) -> None:
    assert ago(timezone.now() - timedelta(seconds=seconds)) == "just now"


@pytest.mark.parametrize(("seconds", "words"), [(65, "1 minute ago"), (2 * 3600 + 5, "2 hours ago")])
def test_from_one_minute_on_the_span_is_named(seconds: int, words: str) -> None:
    with translation.override("en"):
        assert ago(timezone.now() - timedelta(seconds=seconds)).replace("\u00a0", " ") == words
