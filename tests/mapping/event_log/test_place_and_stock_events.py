"""Places, stock and offers of associations in the event log."""

import io
import json
import uuid
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest
from django.contrib.gis.geos import Point
from django.utils import timezone

from mapping.out.event_log.event_schema import event_schema
from mapping.out.event_log.log_export import Scope, export
from mapping.out.event_log.log_import import ingest
from needs.enums import Category
from needs.guide.places.place_kinds import PlaceKind
from needs.models import Item, LocalEvent, Offer, Place, StockMove
from needs.neighbours.giving.offer_kinds import OfferKind
from needs.neighbours.lending.item_kinds import ItemCategory, StockReason
from needs.neighbours.local_events import event_entries, round_stops
from needs.neighbours.local_events.event_entries import Different
from solidarity.lib import grid
from tests.needs.local_events.event_cases import at, event_of
from tests.support import Cast

pytestmark = pytest.mark.django_db

NOW = timezone.now().replace(microsecond=0)
CELL = grid.cell_of(48.866, 2.35)
COARSE = grid.parent(CELL, 8)


@pytest.fixture
def there(cast: Cast) -> None:
    """An association's day centre, stock of tents with a move, and offer of meals; a refuge and things of a person."""
    Place.objects.create(
        name="Day centre", kinds=[PlaceKind.DAY_CENTRE, PlaceKind.SHOWER], association=cast.maraude, cell=CELL,
        point=Point(2.35, 48.866), hours="Mo-Fr 09:00-18:00; PH off", step_free=True,
    )  # fmt: skip
    Place.objects.create(
        name="Refuge", kinds=[PlaceKind.SHELTER], association=cast.maraude, cell=CELL, point=Point(2.35, 48.866),
        address_hidden=True,
    )  # fmt: skip
    tents = Item.objects.create(
        association=cast.maraude, category=ItemCategory.TENT, name="Tents", quantity=8, minimum=2, cell=COARSE
    )
    StockMove.objects.create(item=tents, quantity=-3, reason=StockReason.OUT, at=NOW, author=cast.bob)
    Offer.objects.create(
        association=cast.maraude, kind=OfferKind.MEAL, category=Category.FOOD, title="30 meals", quantity=30,
        expires_at=NOW + timedelta(hours=3), cell=COARSE,
    )  # fmt: skip
    Item.objects.create(owner=cast.bob, category=ItemCategory.STROLLER, name="Stroller", cell=COARSE)
    Offer.objects.create(
        owner=cast.bob, kind=OfferKind.TIME, category=Category.COMPANY, title="An evening", cell=COARSE,
        expires_at=NOW + timedelta(hours=3),
    )  # fmt: skip


def exported(scope: Scope = Scope()) -> list[str]:  # noqa: B008 - frozen
    file = io.BytesIO()
    export(file, scope)
    return file.getvalue().decode().splitlines()


def types(lines: list[str]) -> list[str]:
    return [json.loads(line)["type"] for line in lines]


def empty_the_database() -> None:
    for model in (StockMove, Item, Offer, Place):
        model._default_manager.all().delete()


def test_an_association_takes_its_places_stock_and_offers_along(there: None, cast: Cast) -> None:
    lines = exported(Scope(association=cast.maraude.pk))
    assert types(lines) == ["place", "place", "item", "stock_move", "offer"]
    empty_the_database()
    assert ingest([line.encode() for line in reversed(lines)]).outcomes == {"accepted": 5}
    assert exported(Scope(association=cast.maraude.pk)) == lines
    assert StockMove.objects.get().author is None


def test_an_association_takes_its_events_along_with_their_stops_and_days(cast: Cast) -> None:
    event = event_of(
        cast, kind="round", brings=["meal"], repeats="FREQ=DAILY", latitude=None, longitude=None, address=""
    )
    round_stops.add(event, "Gare", Point(2.35, 48.866, srid=4326), 10, 15)
    event_entries.change_occurrence(event.pk, at(2, 18), Different(cancelled=True, word="pas de gaz"))
    lines = exported(Scope(association=cast.maraude.pk))
    LocalEvent.objects.all().delete()
    assert ingest([line.encode() for line in lines]).outcomes == {"accepted": 1}
    assert exported(Scope(association=cast.maraude.pk)) == lines
    bomb = json.loads(lines[0]) | {"id": str(uuid.uuid4()), "repeats": "FREQ=SECONDLY"}
    endless = json.loads(lines[0]) | {"id": str(uuid.uuid4()), "ends_at": at(9, 1).isoformat()}
    refused = [json.dumps(each).encode() for each in (bomb, endless)]
    assert ingest(refused).outcomes == {"refused": 2}


def test_things_of_persons_and_hidden_addresses_are_not_in_the_log(there: None, cast: Cast) -> None:
    text = "\n".join(exported())
    assert "Day centre" in text
    assert "Refuge" not in text and "Stroller" not in text and "An evening" not in text
    assert cast.bob.display_name not in text
    assert exported(Scope(association=cast.other.pk)) == []


def test_every_line_is_valid_and_the_published_schema_is_the_generated_one(there: None, cast: Cast) -> None:
    schema = event_schema()
    checker = jsonschema.Draft202012Validator(schema)
    lines = exported(Scope(association=cast.maraude.pk))
    assert lines and all(checker.is_valid(json.loads(line)) for line in lines)
    published = Path(__file__).resolve().parents[3] / "docs" / "event-log.schema.json"
    assert json.loads(published.read_text()) == schema


def test_what_people_changed_here_stays_when_an_old_log_comes_again(there: None, cast: Cast) -> None:
    lines = exported(Scope(association=cast.maraude.pk))
    Place.objects.filter(name="Day centre").update(phone="01 99 00 00 01")
    assert ingest([line.encode() for line in lines]).outcomes == {"known": 5}
    assert Place.objects.get(name="Day centre").phone == "01 99 00 00 01"


def test_a_move_of_unknown_stock_is_refused_and_an_unknown_tour_is_dropped(there: None, cast: Cast) -> None:
    move = json.loads(next(line for line in exported() if '"stock_move"' in line))
    other = move | {"id": "6f6e1c9e-90ab-4f0e-9c38-1a4c1a7a0009"}
    lost = other | {"item": "6f6e1c9e-90ab-4f0e-9c38-1a4c1a7a0001"}
    assert ingest([json.dumps(lost).encode()]).reasons == {"no_such_item": 1}
    assert ingest([json.dumps(other | {"tour": lost["item"]}).encode()]).reasons == {"tour_not_there": 1}
    assert StockMove.objects.get(pk=other["id"]).tour is None


def test_an_import_does_not_take_over_the_thing_of_a_person(there: None, cast: Cast) -> None:
    mine = Item.objects.get(owner=cast.bob)
    line = json.loads(next(line for line in exported() if '"item"' in line)) | {"id": str(mine.pk)}
    assert ingest([json.dumps(line).encode()]).outcomes == {"known": 1}
    mine.refresh_from_db()
    assert mine.owner == cast.bob and mine.association is None
