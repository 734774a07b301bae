"""Places from a table that Solidarity exported (CSV or GeoJSON)."""

from typing import Any

from needs.guide.places.imports import place_drafts as parts
from needs.guide.places.imports.place_drafts import PlaceDraft, Reading
from needs.guide.places.imports.place_reasons import unusable
from needs.guide.places.place_kinds import PlaceAudience
from needs.reports.importers.row_outcomes import Findings
from solidarity.lib.files.formula_injection import DANGEROUS

SEPARATOR = ";"
SOURCE = "solidarity"
Row = dict[str, Any]


def read(row: Row, reading: Reading, findings: Findings) -> PlaceDraft:
    """Return the place of a row. Raises UnusableRow."""
    said = {name: _plain(value) for name, value in row.items()}
    if not said.get("id"):
        raise unusable("no_key")
    shape = said.get("geo_shape")
    if isinstance(shape, dict) and shape.get("type") == "Point":
        said["longitude"], said["latitude"] = shape["coordinates"][:2]
    point = parts.point_of(said.get("latitude"), said.get("longitude"), reading, findings)
    audience = set(_words(said.get("audience")))
    hours, conditions = parts.hours_of(
        said.get("hours"), parts.text_of(said.get("conditions"), "conditions", findings), findings
    )
    kinds = parts.kinds_of(_words(said.get("kinds")))
    name = parts.text_of(said.get("name"), "name", findings)
    return PlaceDraft(
        source=SOURCE,
        key=str(said["id"])[:120],
        name=name or parts.generic_name(kinds[0], ""),
        kinds=kinds,
        point=point,
        address=parts.text_of(said.get("address"), "address", findings),
        hours=hours,
        audience=tuple(who for who in PlaceAudience.values if who in audience),
        conditions=conditions,
        languages=parts.languages_of(_words(said.get("languages")), findings),
        step_free={"yes": True, "True": True, "no": False, "False": False}.get(str(said.get("step_free"))),
        phone=parts.phone_of([said.get("phone")], findings),
        email=parts.email_of(said.get("email"), findings),
        website=parts.website_of(said.get("website"), findings),
        about=parts.text_of(said.get("about"), "about", findings),
        named=bool(name),
    )


def _plain(value: Any) -> Any:
    """Return a cell without the apostrophe that protects it from spreadsheets."""
    if isinstance(value, str) and len(value) > 1 and value[0] == "'" and value[1] in DANGEROUS:
        return value[1:]
    return value


def _words(value: Any) -> list[str]:
    if isinstance(value, list):
        return [str(each) for each in value]
    return [each.strip() for each in str(value or "").split(SEPARATOR) if each.strip()]
