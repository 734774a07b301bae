"""Places from HSDS 3 (Human Services Data Specification): one place for each service at a location.

People named as contacts are never read.
"""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from needs.guide.places.imports import place_drafts as parts
from needs.guide.places.imports.guides.schedules import hours_in
from needs.guide.places.imports.place_drafts import PlaceDraft, Reading
from needs.guide.places.imports.place_reasons import repair, unusable
from needs.guide.places.imports.place_words import audience_by_age, kinds_in, simple
from needs.guide.places.place_kinds import NoticeKind, PlaceAudience, PlaceKind
from needs.reports.importers.row_outcomes import Findings

OURS = "solidarity"
"""The taxonomy of this project: ``solidarity:`` and a value of PlaceKind, ``solidarity:who:`` and one of PlaceAudience."""
_STEPS = ("no step free", "not step free", "no wheelchair", "not accessible", "not wheelchair", "non accessible")
_STEP_FREE = ("step free", "wheelchair", "fauteuil", "accessible pmr", "ramp", "lift", "level access")
Row = dict[str, Any]


def read(row: Row, reading: Reading, findings: Findings) -> PlaceDraft:
    """Return the place of a service at a location. Raises UnusableRow."""
    sal, service, location, owner = (_object(row.get(name)) for name in ("sal", "service", "location", "organization"))
    _require_service(service)
    key = str(sal.get("id") or service.get("id") or "")
    if not key:
        raise unusable("no_key")
    terms = [_object(each.get("taxonomy_term")) for part in (sal, service) for each in _list(part, "attributes")]
    point = parts.point_of(location.get("latitude"), location.get("longitude"), reading, findings)
    name = _name(service, location, owner, findings)
    conditions = parts.joined(
        [parts.text_of(service.get(field), "conditions", findings) for field in ("application_process", "fees_description")],
        "conditions", findings,
    )  # fmt: skip
    schedules = next((found for part in (sal, service, location) if (found := _list(part, "schedules"))), [])
    hours, conditions = hours_in(schedules, conditions, timezone.localdate(reading.now), findings)
    kinds = parts.kinds_of(_kinds(terms, service))
    address = _address(location, findings)
    if not name:
        repair(findings, "no_name")
    return PlaceDraft(
        source="hsds",
        key=key[:120],
        name=name or parts.generic_name(kinds[0], address),
        kinds=kinds,
        point=point,
        address=address,
        hours=hours,
        audience=_audience(terms, service),
        conditions=conditions,
        languages=parts.languages_of(
            [each.get("code") or each.get("language") for part in (service, location) for each in _list(part, "languages")],
            findings,
        ),
        step_free=_step_free(location),
        phone=parts.phone_of(
            [each.get("number") for part in (sal, service, location, owner) for each in _list(part, "phones")
             if str(each.get("type") or "voice") in ("voice", "cell", "text")], findings,
        ),
        email=parts.email_of(service.get("email") or owner.get("email"), findings),
        website=parts.website_of(service.get("url") or owner.get("website"), findings),
        about=parts.text_of(service.get("description"), "about", findings),
        named=bool(name),
        notices=_notices(service, reading, findings),
    )  # fmt: skip


def _require_service(service: Row) -> None:
    status = service.get("status")
    if status == "defunct":
        raise unusable("closed_for_good")
    if status == "inactive":
        raise unusable("not_published")


def _object(value: Any) -> Row:
    return value if isinstance(value, dict) else {}


def _list(part: Row, name: str) -> list[Row]:
    found = part.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _name(service: Row, location: Row, owner: Row, findings: Findings) -> str:
    """Return the name of the service, with the location's or the organization's name unless it says that already."""
    name = parts.text_of(service.get("name"), "name", findings)
    where = str(location.get("name") or owner.get("name") or "")
    if not where or simple(where) in simple(name):
        return name
    return parts.text_of(f"{name}, {where}" if name else where, "name", findings)


def _kinds(terms: Sequence[Row], service: Row) -> set[str]:
    codes = {str(each.get("code")) for each in terms}
    ours = {code.removeprefix(f"{OURS}:") for code in codes if code.startswith(f"{OURS}:")} & set(PlaceKind.values)
    words = [each.get(field) for each in terms for field in ("name", "code")]
    return ours or kinds_in([*words, service.get("name"), service.get("alternate_name")])


def _audience(terms: Sequence[Row], service: Row) -> tuple[str, ...]:
    who, codes = f"{OURS}:who:", {str(each.get("code")) for each in terms}
    ours = {code.removeprefix(who) for code in codes if code.startswith(who)}
    found = ours or audience_by_age(service.get("minimum_age"), service.get("maximum_age"))
    return tuple(who for who in PlaceAudience.values if who in found)


def _address(location: Row, findings: Findings) -> str:
    every = _list(location, "addresses")
    chosen = next((each for each in every if each.get("address_type") == "physical"), every[0] if every else {})
    town = " ".join(str(chosen[name]) for name in ("postal_code", "city") if chosen.get(name))
    lines = [str(chosen[name]) for name in ("address_1", "address_2") if chosen.get(name)]
    return parts.text_of(", ".join([*lines, *([town] if town else [])]), "address", findings)


def _step_free(location: Row) -> bool | None:
    text = " ".join(
        simple(f"{each.get('description')} {each.get('details')}") for each in _list(location, "accessibility")
    )
    if any(words in text for words in _STEPS):
        return False
    return True if any(words in text for words in _STEP_FREE) else None


def _notices(service: Row, reading: Reading, findings: Findings) -> tuple[parts.NoticeDraft, ...]:
    text = parts.text_of(service.get("alert"), "about", findings)
    if service.get("status") == "temporarily closed":
        return parts.notices_of(NoticeKind.CLOSED, text, None, None, reading, findings)
    return parts.notices_of(NoticeKind.OTHER, text, None, None, reading, findings) if text else ()
