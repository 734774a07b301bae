"""The page of a territory: what changed since its coordinator last looked, with one button each."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mapping.enums import Status
from mapping.map.releases import reading
from mapping.models import UnseenFigure, ZoneChange
from mapping.out.home import changes_since
from mapping.out.home.changes_since import FIRST_LOOK, LONGEST, since_of
from needs.enums import NeedState, RequestAnswer
from needs.models import NeedStep, PlannedTour, TourRequest
from tests.mapping.home.evening import cells_of, figures, on_tour, planned
from tests.needs.triage.triage_cases import reported
from tests.support import Cast, City, Seen, SignedIn
from volunteers.models import Territory, User
from volunteers.people.accounts.viewer import Viewer

pytestmark = pytest.mark.django_db
BOARD = "/map/t/ville/dashboard/"


def news(user: User, territory: Territory, days: float = 7) -> changes_since.TerritoryChanges:
    viewer, now = Viewer(user), timezone.now()
    return changes_since.changes_of(viewer, reading.read(viewer, territory), now - timedelta(days=days), now)


def changed(territory: Territory, *steps: tuple[float, Status | None, Status | None]) -> None:
    """Store the history of one zone. steps: days ago, status before, status after."""
    zone = uuid.uuid4()
    for days, before, after in steps:
        at = timezone.now() - timedelta(days=days)
        ZoneChange.objects.create(
            zone=zone, territory=territory, at=at, before=before, status=after, cells=3, persons=4
        )


def past(plan: PlannedTour, days: float, **fields: object) -> PlannedTour:
    PlannedTour.objects.filter(pk=plan.pk).update(start=timezone.now() - timedelta(days=days), **fields)
    plan.refresh_from_db()
    return plan


@pytest.mark.parametrize(
    ("text", "ago"),
    [
        (None, FIRST_LOOK), ("", FIRST_LOOK), ("yesterday", FIRST_LOOK), ("2026-06-09T12:00:00", FIRST_LOOK),
        ("2027-06-10T12:00:00+00:00", FIRST_LOOK), ("2026-06-09T12:00:00+00:00", timedelta(days=1)),
        ("2025-06-09T12:00:00+00:00", LONGEST),
    ],
)  # fmt: skip
def test_the_last_look_is_what_the_session_says_if_that_can_be(text: str | None, ago: timedelta) -> None:
    now = datetime(2026, 6, 10, 12, tzinfo=UTC)
    assert since_of(text, now) == now - ago


def test_zones_are_new_or_gone_by_their_first_and_last_status(city: City, cast: Cast) -> None:
    changed(city.nord, (3, Status.COVERED, Status.UNCOVERED))  # new
    changed(city.sud, (5, None, Status.TO_VERIFY), (2, Status.TO_VERIFY, Status.UNDER_COVERED))  # new
    changed(city.nord, (3, Status.UNCOVERED, Status.COVERED))  # gone
    changed(city.nord, (4, Status.COVERED, Status.UNCOVERED), (1, Status.UNCOVERED, Status.COVERED))  # as before
    changed(city.nord, (2, Status.UNCOVERED, Status.UNDER_COVERED))  # lacks help as before
    changed(city.nord, (9, Status.COVERED, Status.UNCOVERED))  # before the last look
    found = news(cast.diane, city.root).zones
    assert found and (found.new, found.gone) == (2, 1)
    south = news(cast.diane, city.sud).zones
    assert south and (south.new, south.gone) == (1, 0)


def test_the_rows_name_real_zones_that_lack_help(city: City, cast: Cast, seen: Seen, signed_in: SignedIn) -> None:
    from mapping.coverage.folding import fold
    from mapping.models import Zone

    seen(persons=30, minutes=5, hours_ago=30)
    fold.fold_outbox()
    fold.refresh_all()
    found = news(cast.diane, city.root).zones
    lacking = set(Zone.objects.live().filter(status__in=changes_since.LACKING).values_list("key", flat=True))
    assert found and found.new == len(lacking) > 0
    assert found.rows and {row.zone.key for row in found.rows} <= {str(key) for key in lacking}
    page = signed_in(cast.diane).get(BOARD).content.decode()
    assert all(f"/map/t/ville/zones/{row.zone.key}/" in page and row.name in page for row in found.rows)


def test_people_unseen_are_compared_with_the_figure_of_the_last_look(city: City, cast: Cast) -> None:
    for territory in (city.root, city.nord, city.sud):
        figures(territory)
    yesterday = timezone.localdate() - timedelta(days=1)
    UnseenFigure.objects.filter(territory=city.nord, day=yesterday).update(persons=90)
    UnseenFigure.objects.filter(territory=city.sud, day=yesterday).update(persons=50)
    found = news(cast.diane, city.root).unseen
    assert found and (found.now, found.before, found.range) == (60, 56, "40 to 80")
    assert [(row.territory.slug, row.now, row.before) for row in found.districts] == [("nord", 90, 56), ("sud", 50, 56)]
    Territory.objects.update(count_kind="")
    assert news(cast.diane, Territory.objects.get(pk=city.root.pk)).unseen is None


def test_tours_are_walked_missed_or_cancelled(city: City, cast: Cast, seen: Seen) -> None:
    missed = past(planned(city.nord, cast.maraude), 2)
    past(planned(city.nord, cast.maraude), 20)  # before the last look
    past(planned(city.nord, cast.maraude), 1, cancelled_at=timezone.now())
    past(planned(city.nord, cast.maraude), 0.01)  # still under way
    planned(city.sud, cast.maraude)  # to come
    tour = on_tour(cast.bob, cast.maraude)
    past(planned(city.nord, cast.maraude), 3, tour=tour)
    seen(tour=tour.pk, hours_ago=0.5)
    found = news(cast.diane, city.nord).tours
    assert (found.walked, list(found.missed), found.cancelled) == (1, [missed], 1)
    south = news(cast.diane, city.sud).tours
    assert (south.walked, list(south.missed), south.cancelled) == (0, [], 0)


def test_answers_of_associations_and_needs_that_wait(city: City, cast: Cast) -> None:
    now = timezone.now()

    def asked(answer: str, days: float, start: float = 1) -> TourRequest:
        return TourRequest.objects.create(
            territory=city.nord, association=cast.maraude, author=cast.diane, start=now + timedelta(days=start),
            cells=cells_of(city.nord), answer=answer, answered_at=now - timedelta(days=days) if answer else None,
        )  # fmt: skip

    declined, waiting = asked(RequestAnswer.DECLINED, 2), asked("", 0)
    asked(RequestAnswer.ACCEPTED, 12)
    asked(RequestAnswer.WITHDRAWN, 1)
    asked("", 0, start=-2)
    reported(hours_ago=24 * 9, state=NeedState.OPEN)
    reported(hours_ago=2, state=NeedState.NEW)
    met = reported(hours_ago=30, state=NeedState.MET)
    NeedStep.objects.create(need=met, state=NeedState.MET, at=now - timedelta(hours=3))
    found = news(cast.diane, city.root)
    assert list(found.answers) == [declined, waiting]
    assert (found.needs.waiting, found.needs.long, found.needs.met) == (2, 1, 1)
    south = news(cast.diane, city.sud)
    assert not south.answers and (south.needs.waiting, south.needs.met) == (0, 0)


def test_who_says_that_they_read_it_sees_what_changed_since_then(city: City, cast: Cast, signed_in: SignedIn) -> None:
    past(planned(city.nord, cast.maraude), 2)
    diane = signed_in(cast.diane)
    assert len(diane.get(BOARD).context["changes"].tours.missed) == 1
    assert len(diane.get(BOARD).context["changes"].tours.missed) == 1  # looking is not reading
    assert diane.post(BOARD)["Location"] == BOARD
    assert not diane.get(BOARD).context["changes"].tours.missed
    assert diane.get("/map/t/nord/dashboard/").context["changes"].tours.missed  # each territory has its own last look
    assert len(signed_in(cast.farid).get(BOARD).context["changes"].tours.missed) == 1  # and each reader


def test_nobody_else_reads_or_marks_the_changes(city: City, cast: Cast, signed_in: SignedIn) -> None:
    for who in (cast.alice, cast.bob, cast.carol, cast.greta):
        client = signed_in(who)
        assert client.get(BOARD).status_code == client.post(BOARD).status_code == 404
        assert "looks" not in client.session
    assert Client().post(BOARD).status_code in (302, 404)


def test_the_list_of_zones_is_part_of_the_page_and_a_filter_leaves_the_rest_out(
    city: City, cast: Cast, seen: Seen, signed_in: SignedIn
) -> None:
    from mapping.coverage.folding import fold

    seen(persons=3, minutes=30)
    fold.fold_outbox()
    fold.refresh_all()
    diane = signed_in(cast.diane)
    moved = diane.get("/map/t/ville/zones/?status=covered&sort=place")
    assert moved["Location"] == f"{BOARD}?status=covered&sort=place#zones"
    whole, filtered = diane.get(BOARD), diane.get(f"{BOARD}?sort=place")
    assert "changes" in whole.context and "changes" not in filtered.context
    assert 'id="zones"' in whole.content.decode() and 'id="zones"' in filtered.content.decode()
    assert signed_in(cast.bob).get("/map/t/ville/zones/").status_code == 200  # a member has the list alone
    for path, name in ((BOARD, "checks"), (reverse("mapping:tonight", args=["ville"]), "cold")):
        assert reverse(f"mapping:{name}", args=["ville"]) in diane.get(path).content.decode()
    for name in ("parameters", "cold", "distance"):
        assert reverse(f"mapping:{name}", args=["ville"]) not in whole.content.decode()
