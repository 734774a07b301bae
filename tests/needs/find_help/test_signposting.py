"""“Told them about a place”: who may record it, and that neither zones nor figures change."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from mapping.coverage.folding import fold, rebuild
from mapping.models import CellState, Evidence, Zone
from needs.doors.association_figures import monthly_figures
from needs.guide.find_help import signposting
from needs.guide.places.models import Place
from needs.models import Encounter, Signposting, Tour
from needs.reports import filing
from solidarity.lib import grid
from tests.needs.find_help.help_places import NORD, place
from tests.needs.phone_queue.queue_cases import Item, item, one
from tests.support import Cast, City, Seen, SignedIn, without_times

pytestmark = pytest.mark.django_db


def told(to: Place, **more: str) -> Item:
    return item("signposted", {"place": str(to.pk), "kind": "food", "cell": grid.to_text(grid.cell_of(*NORD)), **more})


def test_a_member_records_once_that_somebody_was_told(cast: Cast, signed_in: SignedIn) -> None:
    tour = Tour.objects.get(pk=filing.start_tour(association=cast.maraude.pk, author=cast.bob.pk, at=timezone.now()).id)
    sent = told(place("Soupe"), tour=str(tour.pk)) | {"ago": 600}
    bob = signed_in(cast.bob)
    assert [one(bob, cast.bob, sent)["status"] for _time in range(2)] == [201, 200]
    stored = Signposting.objects.get()
    assert (stored.association, stored.author, stored.tour, stored.kind) == (cast.maraude, cast.bob, tour, "food")
    assert stored.cell == grid.cell_of(*NORD)
    assert timedelta(minutes=9) < timezone.now() - stored.at < timedelta(minutes=11)
    assert signposting.told_on(tour) == 1
    assert "You told people about a place 1 time." in bob.get(f"/tours/{tour.pk}/").content.decode()
    assert one(bob, cast.bob, sent | {"body": told(place("Other"))["body"]})["status"] == 409


def test_only_the_cell_of_a_point_is_stored(cast: Cast, signed_in: SignedIn) -> None:
    sent = told(place("Soupe"), cell="", latitude=str(NORD[0]), longitude=str(NORD[1]))
    assert one(signed_in(cast.bob), cast.bob, sent)["status"] == 201
    assert Signposting.objects.get().cell == grid.cell_of(*NORD)
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(s)::text FROM needs_signposting s")
        [(text,)] = cursor.fetchall()
    assert str(NORD[0]) not in without_times(text)


def test_outsiders_cannot_forge_it(cast: Cast, city: City, signed_in: SignedIn) -> None:
    to = place("Soupe")
    tour = filing.start_tour(association=cast.maraude.pk, author=cast.bob.pk, at=timezone.now()).id
    assert one(Client(), None, told(to))["status"] == 404
    for stranger in (cast.greta, cast.alice):
        assert one(signed_in(stranger), stranger, told(to))["status"] == 404
    edith, bob = signed_in(cast.edith), signed_in(cast.bob)
    assert one(edith, cast.edith, told(to, tour=str(tour)))["status"] == 400
    assert one(edith, cast.edith, told(to, association="maraude-du-nord"))["status"] == 400
    wrong = ({"kind": "shower"}, {"place": str(uuid.uuid4())}, {"cell": "891fb46625"}, {"tour": "x"})
    assert [one(bob, cast.bob, told(to, **each))["status"] for each in wrong] == [400] * 4
    closed = place("Gone", closed_at=timezone.now())
    assert one(bob, cast.bob, told(closed))["status"] == 400
    assert not Signposting.objects.exists()


def test_the_zone_and_the_figures_do_not_change(cast: Cast, seen: Seen, signed_in: SignedIn) -> None:
    """Through the real fold, the nightly recompute, and the association's own figures."""
    seen(*NORD, persons=3, given=("food",))
    fold.fold_outbox()

    def state() -> list[object]:
        cells = CellState.objects.order_by("cell").values_list("cell", "status", "a", "x", "xt", "help", "zone")
        monthly_figures.count()
        figures = monthly_figures.year_of(cast.maraude.pk, timezone.localdate().year)
        return [
            list(cells),
            Evidence.objects.count(),
            Encounter.objects.get().given,
            Encounter.objects.get().contacts,
            sorted(Zone.objects.live().values_list("key", "status")),
            figures,
        ]

    before = state()
    assert before[1] == 1
    for _number in range(5):
        assert one(signed_in(cast.bob), cast.bob, told(place("Soupe")))["status"] == 201
    assert fold.fold_outbox() == 0
    assert state() == before
    rebuild.recompute_all(rebuild=True, job="test")
    assert Evidence.objects.count() == before[1]
