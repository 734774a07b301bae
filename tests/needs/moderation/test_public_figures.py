"""The public figures: a month that is over, small numbers not shown, no names."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from needs.conversations.moderation import public_figures
from needs.conversations.moderation_desk import deciding
from needs.models import ModerationCase, ModerationMonth
from tests.needs.moderation.moderation_cases import HIDE, KEEP, reported, thing
from tests.support import Cast

pytestmark = pytest.mark.django_db


def test_a_month_that_is_over_is_published_in_round_numbers(cast: Cast) -> None:
    last = timezone.localtime().replace(day=1, hour=12) - timedelta(days=15)
    for number in range(9):
        case = reported(thing(cast.greta), cast.alice)
        deciding.decide(case, cast.diane, HIDE if number < 3 else KEEP)
        ModerationCase.objects.filter(pk=case.pk).update(opened_at=last, decided_at=last + timedelta(hours=5))
    running = reported(thing(cast.greta), cast.alice)
    public_figures.count()
    month = ModerationMonth.objects.get(month=last.date().replace(day=1))
    assert (month.reported, month.outcomes, month.median_hours) == (9, {"hidden": 3, "kept": 6}, 5.0)
    this = timezone.localtime(running.opened_at).date().replace(day=1)
    assert not ModerationMonth.objects.filter(month=this).exists()
    page = " ".join(Client().get(reverse("needs:moderation_figures")).content.decode().split())
    assert "about 10" in page and "about 5" in page and "fewer than 5" in page and "5 h" in page
    for name in ("Greta", "Alice", "Diane", "Maraude"):
        assert name not in page


def test_a_case_with_many_reports_counts_once_and_stays_counted_after_its_deletion(cast: Cast) -> None:
    last = timezone.localtime().replace(day=1, hour=12) - timedelta(days=15)
    item = thing(cast.greta)
    for each in (cast.alice, cast.bob, cast.edith):
        reported(item, each)
    ModerationCase.objects.update(opened_at=last)
    public_figures.count()
    assert ModerationMonth.objects.get(month=last.date().replace(day=1)).reported == 1
    ModerationCase.objects.all().delete()
    public_figures.count(timezone.now() + timedelta(days=70))
    assert ModerationMonth.objects.get(month=last.date().replace(day=1)).reported == 1
