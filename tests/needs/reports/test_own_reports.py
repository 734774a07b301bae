"""One's own reports show exact points for 72 hours, and after that only cell and day."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from needs.models import Encounter
from tests.support import Cast, Seen, SignedIn


def test_an_association_sees_its_own_recent_points_and_nobody_else_s(
    seen: Seen, cast: Cast, signed_in: SignedIn
) -> None:
    seen(lat=48.8666, lng=2.3511, place_text="under the bridge")
    page = signed_in(cast.carol).get("/encounters/")
    assert page.context["places"]["points"] == [{"lng": 2.3511, "lat": 48.8666, "persons": 3}]
    assert "under the bridge" in page.content.decode()
    other = signed_in(cast.edith).get("/encounters/").content.decode()
    assert "48.8666" not in other
    assert "under the bridge" not in other


def test_after_72_hours_only_the_cell_and_the_day_remain(seen: Seen, cast: Cast, signed_in: SignedIn) -> None:
    filed = seen(lat=48.8666, lng=2.3511, hours_ago=80, place_text="under the bridge")
    Encounter.objects.filter(pk=filed.id).update(filed_at=timezone.now() - timedelta(hours=73))
    page = signed_in(cast.bob).get("/encounters/")
    assert page.context["places"]["points"] == []
    assert len(page.context["places"]["cells"]) == 1
    text = page.content.decode()
    assert "48.8666" not in text
    assert "under the bridge" not in text
    assert "area only" in text


def test_only_those_who_may_take_back_are_offered_it(seen: Seen, cast: Cast, signed_in: SignedIn) -> None:
    from volunteers.models import Membership

    filed = seen()
    Membership.objects.create(user=cast.alice, association=cast.maraude)
    assert f"/encounters/{filed.id}/take-back/" in signed_in(cast.bob).get("/encounters/").content.decode()
    assert f"/encounters/{filed.id}/take-back/" not in signed_in(cast.alice).get("/encounters/").content.decode()


def test_the_page_is_for_everybody_who_is_signed_in(client: Client, cast: Cast, signed_in: SignedIn) -> None:
    assert client.get("/encounters/").status_code == 302
    assert "Encounters of your association" not in signed_in(cast.alice).get("/encounters/").content.decode()


def test_the_list_asks_the_same_number_of_questions_for_few_and_many(
    seen: Seen, cast: Cast, signed_in: SignedIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for step in range(15):
        seen(lat=48.866 + step * 0.0003)
    bob = signed_in(cast.bob)
    with django_assert_max_num_queries(12):
        bob.get("/encounters/")


def test_old_words_for_a_place_fade_with_the_point(seen: Seen) -> None:
    from needs.doors.retention import runner

    filed = seen(place_text="under the bridge")
    Encounter.objects.filter(pk=filed.id).update(filed_at=timezone.now() - timedelta(hours=73))
    assert runner.run().counts["points"] == 2  # the point and the place in words
    old = Encounter.objects.get(pk=filed.id)
    assert (old.point, old.place_text) == (None, "")
