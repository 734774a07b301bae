"""Places, stock, offers and local events: their fields, the queries that export them and the rows that store them.

These rows are not reports: they are not evidence, and people change them. An event therefore describes the state at the
time when the log was written. The import never changes a row that already exists under its id.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.contrib.gis.geos import Point
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.db import models
from django.utils import timezone

from mapping.out.event_log import local_event_fields
from mapping.out.event_log.event_fields import (
    AT,
    COUNT,
    FLAG,
    ID,
    LINK,
    MOMENT,
    PLACE_FIELDS,
    SLUG,
    Field,
    choice,
    text,
)
from mapping.out.event_log.local_event_fields import LOCAL_EVENT
from mapping.out.event_log.value_readers import (
    Reader,
    ValueRefused,
    read_count,
    reads_cell,
    reads_choice,
    reads_list_of,
    reads_number,
    reads_text,
)
from needs.enums import Category
from needs.guide.places import opening
from needs.guide.places.opening import ParserError
from needs.guide.places.place_kinds import PlaceAudience, PlaceKind
from needs.models import Item, LocalEvent, Offer, Place, StockMove
from needs.neighbours.giving.offer_kinds import OfferKind
from needs.neighbours.lending.catalogue import search_words
from needs.neighbours.lending.item_kinds import ItemCategory, ItemCondition, StockReason
from needs.neighbours.lending.models import CELL_RESOLUTION
from solidarity.lib import grid
from solidarity.lib.database.region import parent_sql
from volunteers.enums import Language

PLACE, ITEM, STOCK_MOVE, OFFER = "place", "item", "stock_move", "offer"
_LARGEST_MOVE = 32767

# --- fields ----------------------------------------------------------------------------------------------------------


def _checked_text(length: int, check: Callable[[str], Any], wanted: str) -> Reader:
    """Return a reader of text that is empty or passes the check."""
    plain = reads_text(length)

    def read(name: str, value: Any) -> str:
        found: str = plain(name, value)
        try:
            if found:
                check(found)
        except (ValidationError, ParserError):
            raise ValueRefused("wrong_value", f"{name} has to be {wanted}") from None
        return found

    return read


def _checked(length: int, check: Callable[[str], Any], wanted: str) -> Field:
    return Field(_checked_text(length, check, wanted), {"type": "string", "maxLength": length}, default="")


def _list_of(values: Sequence[str], *, required: bool = False) -> Field:
    schema: dict[str, Any] = {"type": "array", "items": {"enum": list(values)}} | ({"minItems": 1} if required else {})
    plain = reads_list_of(reads_choice(values))

    def read(name: str, value: Any) -> list[Any]:
        found: list[Any] = plain(name, value)
        if required and not found:
            raise ValueRefused("wrong_value", f"{name} has to name at least one")
        return found

    return Field(read, schema, required=required, default=None if required else ())


def _read_positive(name: str, value: Any) -> int:
    found = read_count(name, value)
    if found < 1:
        raise ValueRefused("wrong_value", f"{name} has to be at least 1")
    return found


def _read_move(name: str, value: Any) -> int:
    found = reads_number(-_LARGEST_MOVE, _LARGEST_MOVE, "a number of pieces")(name, value)
    if found == 0 or found != int(found):
        raise ValueRefused("wrong_value", f"{name} has to be a whole number other than 0")
    return int(found)


_NAME = replace(text(120), required=True)
_POSITIVE = Field(_read_positive, {"type": "integer", "minimum": 1, "maximum": 32767}, default=1)
_COARSE_CELL = Field(
    reads_cell(CELL_RESOLUTION),
    {
        "type": "string",
        "pattern": "^88[0-9a-f]{13}$",
        "description": f"H3 cell of resolution {CELL_RESOLUTION}, hexadecimal",
    },
    required=True,
)
_MOVE = {"type": "integer", "minimum": -_LARGEST_MOVE, "maximum": _LARGEST_MOVE, "not": {"const": 0}}

FIELDS: dict[str, dict[str, Field]] = {
    PLACE: {
        "id": ID,
        "association": SLUG,
        "name": _NAME,
        "kinds": _list_of(PlaceKind.values, required=True),
        **PLACE_FIELDS,
        "address": text(200),
        "address_hidden": FLAG,
        "hours": _checked(500, opening.rules, "opening hours in the OpenStreetMap syntax"),
        "audience": _list_of(PlaceAudience.values),
        "conditions": text(300),
        "languages": _list_of(Language.values),
        "step_free": replace(FLAG, default=None),
        "phone": text(40),
        "email": _checked(254, validate_email, "an e-mail address"),
        "website": _checked(200, URLValidator(["http", "https"]), "a web address that begins with http"),
        "about": text(500),
        "checked_at": MOMENT,
        "closed_at": MOMENT,
        "made_at": MOMENT,
    },
    ITEM: {
        "id": ID,
        "association": SLUG,
        "category": replace(choice(ItemCategory.values), required=True),
        "name": replace(text(80), required=True),
        "about": text(500),
        "condition": choice(ItemCondition.values, str(ItemCondition.GOOD)),
        "quantity": replace(COUNT, default=1),
        "cell": _COARSE_CELL,
        "listed": replace(FLAG, default=True),
        "minimum": COUNT,
        "removed_at": MOMENT,
        "made_at": MOMENT,
    },
    STOCK_MOVE: {
        "id": ID,
        "item": ID,
        "quantity": Field(_read_move, _MOVE, required=True),
        "reason": replace(choice(StockReason.values), required=True),
        "tour": LINK,
        "from_tour": FLAG,
        "at": AT,
    },
    OFFER: {
        "id": ID,
        "association": SLUG,
        "kind": replace(choice(OfferKind.values), required=True),
        "category": replace(choice(Category.values), required=True),
        "title": replace(text(80), required=True),
        "about": text(300),
        "quantity": _POSITIVE,
        "starts_at": MOMENT,
        "expires_at": AT,
        "cell": _COARSE_CELL,
        "closed_at": MOMENT,
        "made_at": MOMENT,
    },
    LOCAL_EVENT: local_event_fields.FIELDS,
}
TYPES = tuple(FIELDS)

# --- export ----------------------------------------------------------------------------------------------------------

_SLUG = "(SELECT a.slug FROM volunteers_association a WHERE a.id = t.association_id) AS association"
TABLE = {
    PLACE: "needs_place", ITEM: "needs_item", STOCK_MOVE: "needs_stockmove", OFFER: "needs_offer",
    LOCAL_EVENT: "needs_localevent",
}  # fmt: skip
MOMENT_COLUMN = {PLACE: "made_at", ITEM: "made_at", STOCK_MOVE: "at", OFFER: "made_at", LOCAL_EVENT: "made_at"}
"""The column that decides whether a row is in the period of an export."""
_COLUMNS = {
    PLACE: f"""t.id, {_SLUG}, t.name, t.kinds, ST_Y(t.point::geometry) AS lat, ST_X(t.point::geometry) AS lng,
        to_hex(t.cell) AS cell, t.address, t.address_hidden, t.hours, t.audience, t.conditions, t.languages, t.step_free,
        t.phone, t.email, t.website, t.about, t.checked_at, t.closed_at, t.made_at""",
    ITEM: f"""t.id, {_SLUG}, t.category, t.name, t.about, t.condition, t.quantity, to_hex(t.cell) AS cell, t.listed,
        t.minimum, t.removed_at, t.made_at""",
    STOCK_MOVE: "t.id, t.item_id AS item, t.quantity, t.reason, t.tour_id AS tour, t.from_tour, t.at",
    OFFER: f"""t.id, {_SLUG}, t.kind, t.category, t.title, t.about, t.quantity, t.starts_at, t.expires_at,
        to_hex(t.cell) AS cell, t.closed_at, t.made_at""",
    LOCAL_EVENT: f"t.id, {_SLUG}, {local_event_fields.COLUMNS}",
}
SELECT = {kind: f"SELECT '{kind}' AS type, {_COLUMNS[kind]} FROM {TABLE[kind]} t" for kind in TYPES}
_SCOPE_CELLS = "SELECT s.cell FROM eventlog_scope s"
_IN_TERRITORY = {
    PLACE: f"t.cell IN ({_SCOPE_CELLS})",
    LOCAL_EVENT: f"t.cell IN ({_SCOPE_CELLS})",
    ITEM: f"t.cell IN (SELECT {parent_sql('s.cell', CELL_RESOLUTION)} FROM eventlog_scope s)",
    OFFER: f"t.cell IN (SELECT {parent_sql('s.cell', CELL_RESOLUTION)} FROM eventlog_scope s)",
}


def condition(kind: str, association: int | None, *, in_territory: bool) -> tuple[str, list[Any]]:
    """Return the SQL condition, with its parameters, for the rows of an association or of the territory of an export.

    Things and offers of persons are never exported. A place with a hidden address is exported for its association only.
    """
    if kind == STOCK_MOVE:
        own, parameters = condition(ITEM, association, in_territory=in_territory)
        return f"t.item_id IN (SELECT t.id FROM needs_item t WHERE {own})", parameters
    conditions, parameters = [], []
    if association is not None:
        conditions.append("t.association_id = %s")
        parameters.append(association)
    elif kind == PLACE:
        conditions.append("NOT t.address_hidden")
    else:
        conditions.append("t.association_id IS NOT NULL")
    if in_territory:
        conditions.append(_IN_TERRITORY[kind])
    return "(" + " AND ".join(conditions) + ")", parameters


# --- import ----------------------------------------------------------------------------------------------------------

MODELS: dict[str, type[models.Model]] = {
    PLACE: Place, ITEM: Item, STOCK_MOVE: StockMove, OFFER: Offer, LOCAL_EVENT: LocalEvent,
}  # fmt: skip


def _place(values: Mapping[str, Any]) -> dict[str, Any]:
    latitude, longitude = values["point"] or grid.centre(values["cell"])
    return _plain(values) | {"point": Point(longitude, latitude)}


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in ("association", "made_at")}


def _item(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of an item. The time of listing is the time at which the item was made, so that nobody is
    notified of it as a new item."""
    columns = _plain(values) | {"words": search_words(values["category"], values["name"])}
    return columns | {"listed_at": values["made_at"] if values["listed"] else None}


def _offer(values: Mapping[str, Any]) -> dict[str, Any]:
    return _plain(values) | {"starts_at": values["starts_at"] or values["made_at"] or timezone.now()}


def _stock_move(values: Mapping[str, Any]) -> dict[str, Any]:
    columns = {name: value for name, value in values.items() if name not in ("item", "tour")}
    return columns | {"item_id": values["item"], "tour_id": values["tour"]}


_ROWS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    PLACE: _place, ITEM: _item, STOCK_MOVE: _stock_move, OFFER: _offer,
    LOCAL_EVENT: local_event_fields.row_of,
}  # fmt: skip


def insert(kind: str, all_values: Sequence[Mapping[str, Any]], associations: Mapping[str, int]) -> set[uuid.UUID]:
    """Store the events with a new id; return the new ids. all_values: the checked values of each event."""
    ids = [values["id"] for values in all_values]
    model = MODELS[kind]
    before = set(model._default_manager.filter(pk__in=ids).values_list("pk", flat=True))
    rows = []
    for values in all_values:
        columns = _ROWS[kind](values)
        if "made_at" in values:
            columns["made_at"] = values["made_at"] or timezone.now()
        if "association" in values:
            columns["association_id"] = associations[values["association"]] if values["association"] else None
        rows.append(model(**columns))
    model._default_manager.bulk_create([row for row in rows if row.pk not in before], ignore_conflicts=True)
    new = set(model._default_manager.filter(pk__in=ids).values_list("pk", flat=True)) - before
    if kind == LOCAL_EVENT:
        for values in all_values:
            if values["id"] in new:
                local_event_fields.store_parts(values)
    return new
