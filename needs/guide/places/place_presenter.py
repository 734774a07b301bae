"""A place as the pages of the guide show it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from needs.guide.places import place_access
from needs.guide.places.hours import hours_wording
from needs.guide.places.hours.hours_wording import HoursWords
from needs.guide.places.place_entries import Values
from needs.guide.places.place_kinds import EditStep, NoticeKind, PlaceAudience, PlaceKind
from needs.models import Place, PlaceEdit, PlaceNotice
from volunteers.enums import Language
from volunteers.people.accounts.viewer import Viewer


@dataclass(frozen=True, slots=True)
class PlaceWords:
    """A place as its page shows it. address, geo: "" if the reader may not see where it is."""

    place: Place
    kinds: Sequence[tuple[str, str]]
    state: str
    now: str
    hours: HoursWords
    address: str
    geo: str
    hidden: bool
    tel: str
    audience: Sequence[str]
    languages: Sequence[str]
    checked_by: str
    notices: Sequence[PlaceNotice] = field(default=())


def words_for(viewer: Viewer, place: Place, now: datetime) -> PlaceWords:
    """Return a place as a viewer may read it."""
    sees = place_access.sees_address(viewer, place)
    hours = hours_wording.hours_words(place.hours, now)
    notices = list(PlaceNotice.objects.in_force(now).filter(place=place).order_by("start"))
    state, sentence = state_of(hours, notices)
    return PlaceWords(
        place=place,
        kinds=kinds_of(place),
        state=state,
        now=sentence,
        hours=hours,
        address=place.address if sees else "",
        geo=f"geo:{place.point.y:.6f},{place.point.x:.6f}" if sees else "",
        hidden=not sees,
        tel=tel_link(place.phone),
        audience=[str(PlaceAudience(each).label) for each in place.audience],
        languages=[str(Language(each).label) for each in place.languages],
        checked_by=checker_of(place),
        notices=notices,
    )


def kinds_of(place: Place) -> list[tuple[str, str]]:
    """Return pairs: the code of a kind, which is also the name of its picture, and the label of the kind."""
    return [(kind.value, str(kind.label)) for kind in PlaceKind if kind.value in place.kinds]


def state_of(hours: HoursWords, notices: Sequence[PlaceNotice]) -> tuple[str, str]:
    """Return "open", "closed", "full" or "unknown", and a sentence. A notice overrides the usual hours."""
    kinds = {notice.kind for notice in notices}
    if NoticeKind.CLOSED in kinds:
        return "closed", _("Closed for now")
    if NoticeKind.FULL in kinds:
        return "full", _("Full for now")
    return hours.state, hours.now


def tel_link(phone: str) -> str:
    """Return the address of a link that calls a number; "" without one."""
    digits = re.sub(r"[^0-9+]", "", phone)
    return f"tel:{digits}" if digits else ""


def checker_of(place: Place) -> str:
    """Return the association whose member checked the entry last, or “a dispatcher”; "" if nobody did. The name of the
    person is never returned."""
    if place.checked_at is None:
        return ""
    return place.checked_as.name if place.checked_as else _("a dispatcher")


# --- the history of an entry ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EditLine:
    """One line of the history. who: the author of the edit: an association, or “a dispatcher”. what: the names of the
    changed fields."""

    at: datetime
    who: str
    step: str
    what: str


def history(place: Place, most: int = 20) -> list[EditLine]:
    """Return the last changes of an entry, the newest first."""
    rows = PlaceEdit.objects.filter(place=place).select_related("association")[:most]
    return [
        EditLine(
            row.at,
            row.association.name if row.association else _("a dispatcher"),
            str(EditStep(row.step).label),
            ", ".join(field_names(row.after)),
        )
        for row in rows
    ]


def field_names(values: Values) -> list[str]:
    """Return the labels of values, in the order of the model."""
    names = [str(each.verbose_name) for each in Place._meta.concrete_fields if each.name in values]
    return [*names, _("the pin")] if {"latitude", "longitude"} & values.keys() else names


def said(name: str, value: Any) -> str:
    """Return a value of an entry in words, for somebody who compares two values."""
    choices: dict[str, Any] = {"kinds": PlaceKind, "audience": PlaceAudience, "languages": Language}
    if name in choices:
        return ", ".join(str(choices[name](each).label) for each in value) or "—"
    if isinstance(value, bool) or name in ("step_free", "address_hidden"):
        return {True: _("yes"), False: _("no"), None: pgettext("value", "not known")}[value]
    return str(value) if value not in ("", None) else "—"


def differences(seen: Values, current: Values, associations: dict[int, str]) -> list[tuple[str, str]]:
    """Return pairs of a field's name and its new value, for fields that somebody else changed."""
    lines = []
    for each in Place._meta.concrete_fields:
        if each.name in current and current[each.name] != seen.get(each.name):
            value = current[each.name]
            value = associations.get(value, "") if each.name == "association" else value
            lines.append((str(each.verbose_name), said(each.name, value)))
    if any(current[name] != seen.get(name) for name in ("latitude", "longitude")):
        lines.append((_("the pin"), _("was moved")))
    return lines
