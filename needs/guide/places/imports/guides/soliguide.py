"""Places from Soliguide's export: one place, and another place for each service that has its own hours."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from needs.guide.places.imports import place_drafts as parts
from needs.guide.places.imports.guides.schedules import weekly
from needs.guide.places.imports.place_drafts import NoticeDraft, PlaceDraft, Reading
from needs.guide.places.imports.place_reasons import unusable
from needs.guide.places.imports.place_words import SOLIGUIDE, audience_by_age
from needs.guide.places.place_kinds import NoticeKind, PlaceAudience
from needs.reports.importers.row_outcomes import Findings

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MODES = (
    ("appointment", _("On appointment.")), ("inscription", _("You have to register.")),
    ("orientation", _("A social worker has to ask for it.")), ("price", _("You have to pay.")),
)  # fmt: skip
Row = dict[str, Any]


def read(row: Row, reading: Reading, findings: Findings) -> PlaceDraft:
    """Return the place, or its service with hours of its own. Raises UnusableRow."""
    place, service = _object(row, "place"), _object(row, "service")
    _require_published(place)
    number = place.get("lieu_id") or place.get("_id")
    if not number:
        raise unusable("no_key")
    services = [service] if service else [each for each in place.get("services_all") or [] if isinstance(each, dict)]
    kinds = parts.kinds_of(_kinds(services))
    position = _object(place, "position")
    longitude, latitude = _coordinates(position)
    name = parts.text_of(place.get("name"), "name", findings)
    if service:
        name = parts.text_of(f"{name}, {parts.generic_name(kinds[0], '').lower()}", "name", findings)
    part = service or place
    conditions = _conditions(_object(part if service.get("differentModalities") else place, "modalities"), findings)
    hours, conditions = _hours(_object(service, "hours") or _object(place, "newhours"), conditions, findings)
    entity, pmr = _object(place, "entity"), _object(_object(place, "modalities"), "pmr")
    return PlaceDraft(
        source="soliguide",
        key=f"{number}/{service.get('serviceObjectId') or kinds[0]}"[:120] if service else str(number)[:120],
        name=name or parts.generic_name(kinds[0], ""),
        kinds=kinds,
        point=parts.point_of(latitude, longitude, reading, findings),
        address=parts.text_of(position.get("address") or position.get("adresse"), "address", findings),
        hours=hours,
        audience=_audience(_object(part if service.get("differentPublics") else place, "publics")),
        conditions=conditions,
        languages=parts.languages_of(place.get("languages") or [], findings),
        step_free=True if pmr.get("checked") else None,
        phone=parts.phone_of(
            [each.get("phoneNumber") for each in entity.get("phones") or [] if isinstance(each, dict)], findings
        ),
        email=parts.email_of(entity.get("mail"), findings),
        website=parts.website_of(entity.get("website"), findings),
        about=parts.text_of(part.get("description"), "about", findings),
        named=bool(name),
        notices=_notices(place, service, reading, findings),
    )


def _object(part: Row, name: str) -> Row:
    found = part.get(name)
    return found if isinstance(found, dict) else {}


def _require_published(place: Row) -> None:
    if place.get("status") == "PERMANENTLY_CLOSED":
        raise unusable("closed_for_good")
    if place.get("status", "ONLINE") != "ONLINE" or place.get("visibility", "ALL") != "ALL":
        raise unusable("not_published")
    if place.get("placeType", "LIEU") not in ("LIEU", "PLACE"):
        raise unusable("moving_place")


def _kinds(services: list[Row]) -> set[str]:
    return {
        SOLIGUIDE[word].value
        for each in services
        for word in (str(each.get("category")), str(each.get("categorie")))
        if word in SOLIGUIDE
    }


def _coordinates(position: Row) -> tuple[Any, Any]:
    found = _object(position, "location").get("coordinates")
    return (found[0], found[1]) if isinstance(found, list) and len(found) == 2 else (None, None)


def _hours(table: Row, conditions: str, findings: Findings) -> tuple[str, str]:
    """Return (opening hours, conditions): hours per weekday, as the numbers HHMM."""
    days: dict[int, list[str]] = {}
    for day, name in enumerate(WEEK):
        said = _object(table, name)
        spans = said.get("timeslot") if said.get("open") else []
        days[day] = [_span(each) for each in spans or [] if isinstance(each, dict)]
    text = weekly(days, closed_on_holidays=table.get("closedHolidays") == "CLOSED")
    hours, conditions = parts.hours_of(text, conditions, findings)
    note = parts.text_of(table.get("description"), "conditions", findings)
    return hours, parts.joined([note, conditions], "conditions", findings)


def _span(slot: Row) -> str:
    """Return a span such as "09:30-16:00"; with impossible numbers, the result is not a valid span, so the hours become
    a sentence."""
    start, end = str(slot.get("start") or "0").zfill(4), str(slot.get("end") or "2400").zfill(4)
    return f"{start[:-2]}:{start[-2:]}-{'24:00' if end in ('0000', '2359') else f'{end[:-2]}:{end[-2:]}'}"


def _conditions(modes: Row, findings: Findings) -> str:
    said = []
    for name, sentence in _MODES:
        mode = _object(modes, name)
        words = parts.text_of(mode.get("precisions"), "conditions", findings)
        said.append(words or (str(sentence) if mode.get("checked") else ""))
    said.append(parts.text_of(modes.get("other"), "conditions", findings))
    return parts.joined(said, "conditions", findings)


def _audience(publics: Row) -> tuple[str, ...]:
    """Return the people who may come. accueil: 0 means everybody, 1 these groups first, 2 only these groups."""
    if not publics.get("accueil"):
        return ()
    age = _object(publics, "age")
    found = audience_by_age(age.get("min"), age.get("max"))
    genders = publics.get("gender")
    if genders in (["women"], ["men"]):
        found.add(genders[0])
    if publics.get("familialle") == ["family"]:
        found.add(PlaceAudience.FAMILIES.value)
    return tuple(who for who in PlaceAudience.values if who in found)


def _notices(place: Row, service: Row, reading: Reading, findings: Findings) -> tuple[NoticeDraft, ...]:
    """Return the notices of the place and of its service. actif: the source says that it is in force or will be."""
    infos = _object(place, "tempInfos")
    found: list[NoticeDraft] = []
    for said, kind in (
        (_object(infos, "closure"), NoticeKind.CLOSED), (_object(service, "close"), NoticeKind.CLOSED),
        (_object(infos, "message"), NoticeKind.OTHER), (_object(infos, "hours"), NoticeKind.OTHER),
    ):  # fmt: skip
        if said.get("actif"):
            words = [parts.text_of(said.get(name), "conditions", findings) for name in ("name", "description")]
            text = parts.joined(words, "conditions", findings)
            found += parts.notices_of(kind, text, said.get("dateDebut"), said.get("dateFin"), reading, findings)
    return tuple(found)
