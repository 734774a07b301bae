"""Places from an OpenStreetMap extract: tags of nodes, ways and relations.

In OpenStreetMap, ``amenity=shelter`` is a roof against rain and not a bed, so it is not imported.
"""

from typing import Any

from django.utils.translation import gettext as _

from needs.guide.places.imports import place_drafts as parts
from needs.guide.places.imports.place_drafts import PlaceDraft, Reading
from needs.guide.places.imports.place_reasons import repair, unusable
from needs.guide.places.place_kinds import PlaceAudience, PlaceKind
from needs.reports.importers.row_outcomes import Findings

KINDS: dict[tuple[str, str], PlaceKind] = {
    ("amenity", "drinking_water"): PlaceKind.FOUNTAIN, ("amenity", "water_point"): PlaceKind.FOUNTAIN,
    ("drinking_water", "yes"): PlaceKind.FOUNTAIN, ("amenity", "toilets"): PlaceKind.TOILETS,
    ("amenity", "shower"): PlaceKind.SHOWER, ("amenity", "public_bath"): PlaceKind.SHOWER, ("shower", "yes"): PlaceKind.SHOWER,
    ("amenity", "food_bank"): PlaceKind.FOOD, ("amenity", "food_sharing"): PlaceKind.FOOD,
    ("social_facility", "food_bank"): PlaceKind.FOOD, ("social_facility", "soup_kitchen"): PlaceKind.FOOD,
    ("social_facility", "shelter"): PlaceKind.SHELTER, ("social_facility", "clothing_bank"): PlaceKind.CLOTHES,
    ("social_facility", "healthcare"): PlaceKind.HEALTH, ("social_facility", "ambulatory_care"): PlaceKind.HEALTH,
    ("amenity", "luggage_locker"): PlaceKind.LUGGAGE, ("amenity", "device_charging_station"): PlaceKind.CHARGING,
}  # fmt: skip
_FOR = {"woman": PlaceAudience.WOMEN, "women": PlaceAudience.WOMEN, "man": PlaceAudience.MEN, "men": PlaceAudience.MEN,
        "child": PlaceAudience.MINORS, "juvenile": PlaceAudience.MINORS, "family": PlaceAudience.FAMILIES}  # fmt: skip
_PRIVATE = ("private", "no", "customers", "members", "employees", "residents")
Tags = dict[str, str]


def read(row: dict[str, Any], reading: Reading, findings: Findings) -> PlaceDraft:
    """Return the place of an object. Raises UnusableRow."""
    found = row.get("tags")
    tags: Tags = {name: str(value) for name, value in found.items()} if isinstance(found, dict) else {}
    if not row.get("key"):
        raise unusable("no_key")
    kinds = parts.kinds_of(_kinds(tags))
    if tags.get("access") in _PRIVATE or tags.get("toilets:access") in _PRIVATE:
        raise unusable("not_for_everybody")
    longitude, latitude = row["point"]
    address = _address(tags, findings)
    name = parts.text_of(tags.get("name") or tags.get("operator"), "name", findings)
    if not name:
        repair(findings, "no_name")
    paid = _("You have to pay.") if tags.get("fee") not in (None, "no") else ""
    note = parts.text_of(tags.get("opening_hours:conditional"), "conditions", findings)
    conditions = parts.joined(
        [paid, parts.text_of(tags.get("charge"), "conditions", findings), note], "conditions", findings
    )
    hours, conditions = parts.hours_of(tags.get("opening_hours"), conditions, findings)
    return PlaceDraft(
        source="osm",
        key=str(row["key"]),
        name=name or parts.generic_name(kinds[0], address),
        kinds=kinds,
        point=parts.point_of(latitude, longitude, reading, findings),
        address=address,
        hours=hours,
        audience=_audience(tags),
        conditions=conditions,
        step_free={"yes": True, "no": False}.get(tags.get("wheelchair", "")),
        phone=parts.phone_of(
            [each for name in ("phone", "contact:phone", "contact:mobile") for each in tags.get(name, "").split(";")],
            findings,
        ),
        email=parts.email_of(tags.get("email") or tags.get("contact:email"), findings),
        website=parts.website_of(tags.get("website") or tags.get("contact:website"), findings),
        about=parts.text_of(tags.get("description"), "about", findings),
        named=bool(name),
    )


def _kinds(tags: Tags) -> set[str]:
    found = {KINDS[pair].value for tag in tags.items() for pair in _pairs(*tag) if pair in KINDS}
    homeless = "homeless" in tags.get("social_facility:for", "")
    if homeless and tags.get("social_facility") in ("outreach", "day_care", "day_centre"):
        found.add(PlaceKind.DAY_CENTRE.value)
    return found


def _pairs(name: str, values: str) -> list[tuple[str, str]]:
    return [(name, each.strip()) for each in values.split(";")]


def _address(tags: Tags, findings: Findings) -> str:
    street = " ".join(tags[name] for name in ("addr:housenumber", "addr:street") if name in tags)
    town = " ".join(tags[name] for name in ("addr:postcode", "addr:city") if name in tags)
    return parts.text_of(", ".join(each for each in (street, town) if each), "address", findings)


def _audience(tags: Tags) -> tuple[str, ...]:
    groups = [each.strip() for each in tags.get("social_facility:for", "").split(";")]
    found = {_FOR[each].value for each in groups if each in _FOR}
    if tags.get("female") == "yes" and tags.get("male", "no") == "no" and tags.get("unisex", "no") == "no":
        found.add(PlaceAudience.WOMEN.value)
    if tags.get("male") == "yes" and tags.get("female", "no") == "no" and tags.get("unisex", "no") == "no":
        found.add(PlaceAudience.MEN.value)
    return tuple(who for who in PlaceAudience.values if who in found)
