"""A proposed mapping, made from the names of the columns and the content of the first rows."""

import re
from collections.abc import Callable, Mapping, Sequence

from needs.reports.importers.any_table.column_mapping import PARTS, ColumnMapping, RowKind
from needs.reports.importers.any_table.column_words import is_flag, kinds_in, plain
from needs.reports.importers.any_table.date_values import moment_of
from needs.reports.importers.any_table.place_values import degrees_of, looks_like_pair

SAMPLE_ROWS = 200
_NAMES: dict[str, str] = {
    "serial": r"#|serial|id|no|n°|nr|numero|number|ref|reference|incident id|report id|.*\bid",
    "date": r".*\bdates?( et heure)?|created ?(at|date|on)?|reported( at| on)?|timestamp|quand|when|jour|day|at",
    "clock": r"time|heure|hora|.* time|heure .*",
    "latitude": r"lat|latitude|y|lat.*deg.*|gps lat.*",
    "longitude": r"lon|lng|long|longitude|x|lon.*deg.*|gps lon.*",
    "place": r"coordinates?|coordonnees|gps|position|point|lat ?[,/] ?(lon|lng|long)|geo.*|h3.*|cell|maille|location ?gps",
    "address": r"location|adresse|address|lieu|place|endroit|rue|street|where|ou|location name|ubicacion",
    "title": r".*title|titre|objet|subject|titulo",
    "text": r"description|text|texte|message|note|notes|comment.*|observation.*|details?|remarque.*",
    "kinds": r"categor(y|ies|ie)|categories|.*categor.*|kinds?|types?|besoins?|needs?|demandes?|asked|requests?|type de .*",
    "given": r"given|donne|distribue|remis|aide apportee|provided",
    "urgency": r"urgency|urgence|priority|priorite|severity|gravite",
    "state": r"state|status|statut|etat",
    "persons": r"persons?.*|people.*|personnes?.*|nombre( de personnes)?|nb.*|count|effectif|rencontre.*",
    "contact": r"contact.*|phone.*|telephone|tel|e-?mail.*|courriel|.*(phone|email|contact).*|reporter.*",
    "approved": r"approved|approuve",
    "verified": r"verified|verifie",
    "actionable": r"actionable|action(ed|able)?",
    "urgent": r"urgent",
    "closed": r"closed|clos|ferme|resolved",
}
_USHAHIDI = {"incident title", "incident date"}


def _filled(values: Sequence[str]) -> list[str]:
    return [value for value in values if value.strip()]


def _share(values: Sequence[str], fits: Callable[[str], bool]) -> float:
    filled = _filled(values)
    return sum(fits(value) for value in filled) / len(filled) if filled else 0.0


def _is_date(text: str) -> bool:
    try:
        moment_of(text, "dmy")
    except (ValueError, OverflowError):
        return False
    return True


def _is_degrees(most: float) -> Callable[[str], bool]:
    def fits(text: str) -> bool:
        try:
            return abs(degrees_of(text)) <= most
        except ValueError:
            return False

    return fits


_CONTENT: dict[str, Callable[[str], bool]] = {
    "date": _is_date,
    "latitude": _is_degrees(90),
    "longitude": _is_degrees(180),
    "place": looks_like_pair,
    **dict.fromkeys(("approved", "verified", "actionable", "urgent", "closed"), is_flag),
    "persons": lambda text: bool(re.fullmatch(r"\s*\d{1,4}\s*", text)),
}
"""Parts whose column must also look right in at least half of its filled cells."""


def propose(columns: Sequence[str], rows: Sequence[Mapping[str, str]], time_zone: str) -> ColumnMapping:
    """Return the mapping that fits the names and the first rows best. A person can change it."""
    values = {column: [row.get(column, "") for row in rows[:SAMPLE_ROWS]] for column in columns}
    chosen: dict[str, str] = {}
    for part, pattern in _NAMES.items():
        for column in columns:
            if column in chosen.values() or not re.fullmatch(pattern, _name(column)):
                continue
            check = _CONTENT.get(part)
            if check and _filled(values[column]) and _share(values[column], check) < 0.5:
                continue
            chosen[part] = column
            break
    _by_content(values, chosen)
    return ColumnMapping(
        columns={part: chosen[part] for part in PARTS if part in chosen},
        kind=_kind(columns, chosen),
        time_zone=time_zone,
    )


def _name(column: str) -> str:
    return re.sub(r"[\s_.]+", " ", plain(column)).strip(" *:")


def _by_content(values: Mapping[str, Sequence[str]], chosen: dict[str, str]) -> None:
    """Fill parts that no name suggested: the place, the date, the kinds."""
    free = [column for column in values if column not in chosen.values()]
    if "place" not in chosen and not {"latitude", "longitude"} <= chosen.keys():
        found = [column for column in free if _share(values[column], looks_like_pair) > 0.8]
        if found:
            chosen["place"] = found[0]
            free.remove(found[0])
    if "date" not in chosen:
        dated = [column for column in free if _share(values[column], _is_date) > 0.8]
        if dated:
            chosen["date"] = dated[0]
            free.remove(dated[0])
    if "kinds" not in chosen:
        named = [column for column in free if _share(values[column], lambda text: bool(kinds_in(text))) > 0.6]
        if named:
            chosen["kinds"] = named[0]


def _kind(columns: Sequence[str], chosen: Mapping[str, str]) -> RowKind:
    names = {_name(column) for column in columns}
    if names >= _USHAHIDI or {"urgency", "state", "approved", "verified"} & chosen.keys():
        return RowKind.NEED
    if any(re.search(r"rencontr|encounter|maraude|people met", name) for name in names):
        return RowKind.ENCOUNTER
    return RowKind.NEED if {"kinds", "text", "title"} & chosen.keys() else RowKind.PRESENCE
