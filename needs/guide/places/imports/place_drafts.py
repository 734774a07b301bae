"""The place that a row describes, and functions that read its parts: texts, telephone numbers, languages, hours, the
point."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.utils import timezone, translation
from django.utils.html import strip_tags
from opening_hours import ParserError  # type: ignore[attr-defined]

from needs.guide.places.imports.place_reasons import remark, repair, unusable
from needs.guide.places.models import Place
from needs.guide.places.opening import rules
from needs.guide.places.place_kinds import NoticeKind, PlaceKind
from needs.reports.importers.row_outcomes import Findings
from needs.reports.importers.row_places import Borders, place_of
from needs.reports.importers.value_repair import repaired_text, shorten
from solidarity.lib.site import site_choices
from volunteers.enums import Language

FAR_DEGREES = 0.5
WITHOUT_END = timedelta(days=14)
FIELDS = (
    "name", "kinds", "point", "address", "hours", "audience", "conditions", "languages", "step_free", "phone", "email",
    "website", "about",
)  # fmt: skip
_TAG = re.compile(r"<[a-zA-Z/!][^>]*>")
_BLOCK_END = re.compile(r"</(?:p|li|div|h\d)>|<br\s*/?>", re.IGNORECASE)
_SHORT_NUMBER = re.compile(r"\d{2,6}")


@dataclass(frozen=True, slots=True)
class Reading:
    """The data that the readers of rows need. borders: the borders of the territory. now: the time of the import."""

    borders: Borders
    now: datetime


@dataclass(frozen=True, slots=True)
class NoticeDraft:
    """A temporary notice that a row gives."""

    kind: NoticeKind
    text: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class PlaceDraft:
    """A place as a row describes it. point: longitude and latitude in degrees. named: True if the source gave the
    name."""

    source: str
    key: str
    name: str
    kinds: tuple[str, ...]
    point: tuple[float, float]
    address: str = ""
    hours: str = ""
    audience: tuple[str, ...] = ()
    conditions: str = ""
    languages: tuple[str, ...] = ()
    step_free: bool | None = None
    phone: str = ""
    email: str = ""
    website: str = ""
    about: str = ""
    named: bool = True
    notices: tuple[NoticeDraft, ...] = ()

    def values(self) -> dict[str, Any]:
        """Return the values of the source as JSON, by field of Place."""
        said = {each.name: getattr(self, each.name) for each in fields(self) if each.name in FIELDS}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in said.items()}


def length_of(field: str) -> int:
    return int(Place._meta.get_field(field).max_length or 0)  # type: ignore[union-attr]


def text_of(value: Any, field: str, findings: Findings) -> str:
    """Return a text of a row on one line, without markup, cut to the length of the field of Place."""
    raw = "" if value is None or isinstance(value, dict | list) else str(value)
    plain = repaired_text(raw, findings)
    if _TAG.search(plain):
        repair(findings, "formatting_removed")
        plain = strip_tags(_BLOCK_END.sub(" ", plain))
    return shorten(" ".join(plain.split()), length_of(field), findings)


def point_of(latitude: Any, longitude: Any, reading: Reading, findings: Findings) -> tuple[float, float]:
    """Return (longitude, latitude). Swapped coordinates are repaired. Raises UnusableRow if there is no usable point."""
    found, inside = place_of(
        "" if latitude is None else str(latitude),
        "" if longitude is None else str(longitude),
        reading.borders,
        findings,
    )
    if not inside:
        west, south, east, north = reading.borders.bounds
        lng, lat = found.longitude, found.latitude
        if max(west - lng, lng - east, south - lat, lat - north) > FAR_DEGREES:
            raise unusable("far_outside")
        findings.remark("outside_territory", "The point is outside the territory.")
    return round(found.longitude, 6), round(found.latitude, 6)


def phone_of(values: Iterable[Any], findings: Findings) -> str:
    """Return the first telephone number, in international form or as a short number; "" if there is none."""
    import phonenumbers  # here, because the import takes 30 ms

    wrong = False
    for value in values:
        text = re.sub(r"[^\d+]", "", "" if value is None else str(value))
        if not text:
            continue
        if _SHORT_NUMBER.fullmatch(text):
            return text
        try:
            number = phonenumbers.parse(text, site_choices.country().upper() or None)
        except phonenumbers.NumberParseException:
            wrong = True
            continue
        if phonenumbers.is_possible_number(number):
            return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
        wrong = True
    if wrong:
        repair(findings, "unreadable_phone")
    return ""


def email_of(value: Any, findings: Findings) -> str:
    """Return an e-mail address, or ""."""
    text = "" if value is None else str(value).strip()
    if not text:
        return ""
    try:
        validate_email(text)
    except ValidationError:
        repair(findings, "unreadable_email")
        return ""
    return text[: length_of("email")]


def website_of(value: Any, findings: Findings) -> str:
    """Return a web address with http or https, or ""."""
    text = "" if value is None else str(value).strip()
    if not text:
        return ""
    if re.match(r"www\.", text, re.IGNORECASE):
        text = f"https://{text}"
    try:
        URLValidator(schemes=["http", "https"])(text)
    except ValidationError:
        repair(findings, "unreadable_website")
        return ""
    if len(text) > length_of("website"):
        repair(findings, "unreadable_website")
        return ""
    return text


def languages_of(codes: Iterable[Any], findings: Findings) -> tuple[str, ...]:
    """Return the known languages among ISO 639 codes, in the order of Language."""
    said = {str(code).strip().casefold().split("-")[0] for code in codes if code}
    said = {"prs" if code == "fa-af" else code for code in said}
    if said - set(Language.values):
        remark(findings, "unknown_language")
    return tuple(code for code in Language.values if code in said)


def kinds_of(found: Iterable[str]) -> tuple[str, ...]:
    """Return the kinds in the order of PlaceKind. Raises UnusableRow if there are none."""
    chosen = set(found)
    if not chosen & set(PlaceKind.values):
        raise unusable("no_kind")
    return tuple(kind for kind in PlaceKind.values if kind in chosen)


def hours_of(text: Any, conditions: str, findings: Findings) -> tuple[str, str]:
    """Return (opening hours, conditions).

    Hours that cannot be read as rules are kept as a sentence in the conditions.
    """
    said = " ".join(("" if text is None else str(text)).split())
    if not said:
        return "", conditions
    if len(said) <= length_of("hours"):
        try:
            rules(said)
            return said, conditions
        except ParserError:
            pass
    repair(findings, "hours_as_text")
    plain = text_of(said, "conditions", findings)
    return "", joined([plain, conditions], "conditions", findings)


def joined(parts: Iterable[str], field: str, findings: Findings) -> str:
    """Return sentences as one text that fits a field."""
    every: list[str] = []
    for part in parts:
        if part and part not in every:
            every.append(part)
    return shorten(" · ".join(every), length_of(field), findings)


def generic_name(kind: str, address: str) -> str:
    """Return a name for a place without one, in the language of the site. The name consists of the kind and the
    address."""
    with translation.override(settings.LANGUAGE_CODE):
        label = str(PlaceKind(kind).label)
    return f"{label[:1].upper()}{label[1:]}{', ' if address else ''}{address}"[: length_of("name")]


def moment_of(text: Any) -> datetime | None:
    """Return a date or time of a row as a datetime; None if the text is neither."""
    try:
        found = datetime.fromisoformat(str(text).strip().replace("Z", "+00:00"))
    except ValueError:
        return None
    return found if found.tzinfo else timezone.make_aware(found)


def notices_of(
    kind: NoticeKind, text: str, start: Any, end: Any, reading: Reading, findings: Findings
) -> tuple[NoticeDraft, ...]:
    """Return the notice of a row, or none if it is over. A notice without an end is in force for WITHOUT_END."""
    since, until = moment_of(start) or reading.now, moment_of(end)
    if until is None:
        remark(findings, "notice_without_end")
        since, until = min(since, reading.now), reading.now + WITHOUT_END
    if until <= reading.now or until <= since:
        remark(findings, "notice_over")
        return ()
    remark(findings, "notice_added")
    return (NoticeDraft(kind, shorten(text, 200, findings), since, until),)
