"""The guide in HSDS 3 (https://docs.openreferral.org): a page of services, each at its location, with its schedules."""

import json
import re
import uuid
from collections.abc import Iterable
from typing import IO, Any

from django.utils import translation

from needs.guide.places.exports.open_places import OpenPlace
from needs.guide.places.imports.guides.hsds_rows import OURS
from needs.guide.places.imports.guides.schedules import OURS as OUR_HOURS
from needs.guide.places.place_kinds import NoticeKind, PlaceAudience, PlaceKind
from volunteers.enums import Language

_RULE = re.compile(r"([A-Z][a-z](?:[-,][A-Z][a-z])*)? ?((?:\d\d:\d\d-\d\d:\d\d)(?:,\d\d:\d\d-\d\d:\d\d)*)")
_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
Row = dict[str, Any]


def write_hsds(places: Iterable[OpenPlace], out: IO[str]) -> None:
    """Write one page with all services.

    The numbers of the page are at its end, because they are known only after all services are written.
    """
    number = 0
    out.write('{"contents":[\n')
    with translation.override("en"):
        for number, place in enumerate(places, start=1):
            out.write(f"{',' if number > 1 else ''}{json.dumps(service(place), ensure_ascii=False)}\n")
    page = {"total_items": number, "total_pages": 1, "page_number": 1, "size": number, "first_page": True,
            "last_page": True, "empty": number == 0}  # fmt: skip
    out.write(f"],{json.dumps(page)[1:]}\n")


def service(place: OpenPlace) -> Row:
    """Return the service of a place, with the organization that keeps the entry. Empty values are left out."""
    closed = any(notice.kind == NoticeKind.CLOSED for notice in place.notices)
    found = {
        "id": _id(place, "service"),
        "name": place.name,
        "description": place.about,
        "url": place.website,
        "email": place.email,
        "status": "temporarily closed" if closed else "active",
        "application_process": place.conditions,
        "assured_date": place.checked,
        "alert": " · ".join(notice.text or str(NoticeKind(notice.kind).label) for notice in place.notices),
        "organization": {
            "id": _id(place, "organization"),
            "name": place.kept_by or place.name,
            "description": place.kept_by or place.name,
        },
        "phones": [{"id": _id(place, "phone"), "number": place.phone, "type": "voice"}] if place.phone else [],
        "languages": _languages(place),
        "attributes": _attributes(place),
        "schedules": _schedules(place),
        "service_at_locations": [{"id": place.id, "location": _location(place)}],
    }
    return {name: value for name, value in found.items() if value not in ("", [])}


def _id(place: OpenPlace, part: str) -> str:
    return str(uuid.uuid5(uuid.UUID(place.id), part))


def _languages(place: OpenPlace) -> list[Row]:
    return [
        {"id": _id(place, f"language {code}"), "code": code, "name": str(Language(code).label)}
        for code in place.languages
    ]


def _attributes(place: OpenPlace) -> list[Row]:
    """Return the kinds and audiences of a place as terms of this project's own taxonomy."""
    terms = [("service", f"{OURS}:{kind}", str(PlaceKind(kind).label)) for kind in place.kinds]
    terms += [("eligibility", f"{OURS}:who:{who}", str(PlaceAudience(who).label)) for who in place.audience]
    return [
        {
            "id": _id(place, code),
            "link_type": kind,
            "taxonomy_term": {"id": code, "code": code, "name": label, "description": label},
        }
        for kind, code, label in terms
    ]


def _location(place: OpenPlace) -> Row:
    """Return the location of a place; for a secret address, a location without its position."""
    found: Row = {"id": _id(place, "location"), "name": place.name}
    if place.point is None:
        return {**found, "location_type": "virtual"}
    found |= {"location_type": "physical", "longitude": place.point[0], "latitude": place.point[1]}
    if place.address:
        found["addresses"] = [{
            "id": _id(place, "address"), "address_1": place.address, "city": "", "state_province": "", "postal_code": "",
            "country": "", "address_type": "physical",
        }]  # fmt: skip
    if place.step_free is not None:
        words = "Step-free access" if place.step_free else "No step-free access"
        found["accessibility"] = [{"id": _id(place, "accessibility"), "description": words}]
    return found


def _schedules(place: OpenPlace) -> list[Row]:
    """Return weekly hours as recurrence rules, and all other hours as the text of their rules.

    In both cases, the notes contain the rules of the hours.
    """
    if not place.hours:
        return []
    said = {"description": place.hours, "notes": f"{OUR_HOURS}{place.hours}"}
    rules = [_RULE.fullmatch(part.strip()) for part in place.hours.split(";")]
    if not all(rules):
        return [{"id": _id(place, "schedule"), **said}]
    return [
        {"id": _id(place, f"schedule {number}"), "freq": "WEEKLY", "byday": _byday(rule[1]), "opens_at": span[:5],
         "closes_at": span[6:], **said}
        for number, (rule, span) in enumerate((rule, span) for rule in rules if rule for span in rule[2].split(","))
    ]  # fmt: skip


def _byday(days: str | None) -> str:
    found: list[str] = []
    for part in (days or "Mo-Su").split(","):
        first, _dash, last = part.partition("-")
        if not {first, last or first} <= set(_DAYS):
            return part.upper()
        start, end = _DAYS.index(first), _DAYS.index(last or first)
        found += [_DAYS[day % 7] for day in range(start, end + 1 if end >= start else end + 8)]
    return ",".join(day.upper() for day in found)
