"""Places from the open data of Paris: drinking fountains and public toilets."""

import json
import re
from typing import Any

from needs.guide.places.imports import place_drafts as parts
from needs.guide.places.imports.place_drafts import NoticeDraft, PlaceDraft, Reading
from needs.guide.places.imports.place_reasons import remark, repair, unusable
from needs.guide.places.imports.place_words import simple
from needs.guide.places.place_kinds import NoticeKind, PlaceAudience, PlaceKind
from needs.reports.importers.row_outcomes import Findings

_SPAN = re.compile(r"(\d{1,2})\s*h\s*(\d{2})?\s*(?:-|–|/|à|a)\s*(\d{1,2})\s*h\s*(\d{2})?", re.IGNORECASE)
_ROUND_THE_CLOCK = re.compile(r"24\s*h?\s*/\s*24", re.IGNORECASE)
_ELSEWHERE = "voir fiche"
_DISTRICT = re.compile(r"paris (\d{1,2})(?:er|e|eme)? arrondissement")
_SMALL = re.compile(r"\b(De|Du|Des|La|Le|Les|L|D|Et|A|Au|Aux|Face|En)\b(?!$)")
Row = dict[str, Any]


def read_fountain(row: Row, reading: Reading, findings: Findings) -> PlaceDraft:
    """Return a drinking fountain. Raises UnusableRow."""
    number = str(row.get("identifiant") or row.get("gid") or "").strip()
    if not number:
        raise unusable("no_key")
    house = row.get("n° voie pair") or row.get("n° voie impair") or ""
    address = _address(f"{house} {row.get('voie') or ''}", _town(row.get("commune")), findings)
    return PlaceDraft(
        source="paris_fountains",
        key=number[:120],
        name=parts.generic_name(PlaceKind.FOUNTAIN, address),
        kinds=(PlaceKind.FOUNTAIN.value,),
        point=_point(row, reading, findings),
        address=address,
        named=False,
        notices=_unavailable(row, reading, findings),
    )


def read_toilets(row: Row, reading: Reading, findings: Findings) -> PlaceDraft:
    """Return public toilets. Toilets have no number in the data, so they are recognised by their point. Raises
    UnusableRow."""
    longitude, latitude = point = _point(row, reading, findings)
    address = _address(str(row.get("adresse") or ""), _town(row.get("arrondissement")), findings)
    hours, conditions = _hours(str(row.get("horaire") or ""), findings)
    kind = simple(row.get("type") or "")
    audience = (PlaceAudience.WOMEN if "femme" in kind else PlaceAudience.MEN,) if "urinoir" in kind else ()
    closed = simple(row.get("statut") or "").startswith("ferme")
    return PlaceDraft(
        source="paris_toilets",
        key=f"{latitude:.5f},{longitude:.5f}",
        name=parts.generic_name(PlaceKind.TOILETS, address),
        kinds=(PlaceKind.TOILETS.value,),
        point=point,
        address=address,
        hours=hours,
        audience=tuple(who.value for who in audience),
        conditions=conditions,
        step_free={"oui": True, "non": False}.get(simple(row.get("acces_pmr") or "")),
        website=parts.website_of(row.get("url_fiche_equipement"), findings),
        named=False,
        notices=parts.notices_of(NoticeKind.CLOSED, "", None, None, reading, findings) if closed else (),
    )


def _point(row: Row, reading: Reading, findings: Findings) -> tuple[float, float]:
    """Return the point from "latitude,longitude" in one column, or from a GeoJSON Point or MultiPoint."""
    both = row.get("geo_point_2d")
    if isinstance(both, dict):
        return parts.point_of(both.get("lat"), both.get("lon"), reading, findings)
    text = str(both or "").strip()
    if text.count(",") == 1:
        latitude, longitude = text.split(",")
        return parts.point_of(latitude, longitude, reading, findings)
    shape: Any = row.get("geo_shape")
    if isinstance(shape, str) and shape.startswith("{"):
        try:
            shape = json.loads(shape)
        except (ValueError, RecursionError):
            shape = None
    found = shape.get("coordinates") if isinstance(shape, dict) else None
    if isinstance(found, list) and found and isinstance(found[0], list):
        if len(found) > 1:
            remark(findings, "point_of_many")
        found = found[0]
    pair: list[Any] = found[:2] if isinstance(found, list) and len(found) > 1 else [None, None]
    return parts.point_of(pair[1], pair[0], reading, findings)


def _town(label: Any) -> str:
    """Return postcode and town from "13", "75013", "PARIS 13EME ARRONDISSEMENT" or the name of another commune."""
    words = simple(label or "")
    found = _DISTRICT.fullmatch(words)
    number = found[1] if found else words
    if number.isdecimal() and len(number) <= 2:
        return f"{75000 + int(number)} Paris"
    if number.isdecimal():
        return f"{number} Paris" if number.startswith("75") else number
    return str(label or "").strip().title()


def _address(street: str, town: str, findings: Findings) -> str:
    plain = " ".join(street.split())
    if plain.isupper() or plain.startswith("face "):
        plain = _SMALL.sub(lambda found: found[0].lower(), plain.title())
        plain = plain[:1].upper() + plain[1:]
    return parts.text_of(", ".join(each for each in (plain, town) if each), "address", findings)


def _hours(text: str, findings: Findings) -> tuple[str, str]:
    """Return (opening hours, conditions) from "24 h / 24", "6 h - 22 h", "10h à 22h" or another sentence."""
    if not text.strip() or _ELSEWHERE in text.casefold():
        return "", ""
    if _ROUND_THE_CLOCK.fullmatch(text.strip()):
        return "24/7", ""
    found = _SPAN.fullmatch(text.strip())
    if found is not None and int(found[1]) <= 24 and int(found[3]) <= 24:
        return parts.hours_of(
            f"Mo-Su {int(found[1]):02}:{found[2] or '00'}-{int(found[3]):02}:{found[4] or '00'}", "", findings
        )
    repair(findings, "hours_as_text")
    return "", parts.text_of(text, "conditions", findings)


def _unavailable(row: Row, reading: Reading, findings: Findings) -> tuple[NoticeDraft, ...]:
    if simple(row.get("disponibilité") or row.get("dispo") or "") != "non":
        return ()
    why = parts.text_of(row.get("motif indisponibilité"), "conditions", findings).capitalize()
    start, end = (row.get(f"{word} indisponibilité") for word in ("début", "fin"))
    return parts.notices_of(NoticeKind.CLOSED, why, start, end, reading, findings)
