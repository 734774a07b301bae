"""Places from data·inclusion (schema v1): one place for each service with its structure."""

import json
from typing import Any

from django.utils.translation import gettext as _

from needs.guide.places.imports import place_drafts as parts
from needs.guide.places.imports.place_drafts import PlaceDraft, Reading
from needs.guide.places.imports.place_reasons import repair, unusable
from needs.guide.places.imports.place_words import audience_of, kinds_in, simple
from needs.reports.importers.row_outcomes import Findings

Row = dict[str, Any]


def read(row: Row, reading: Reading, findings: Findings) -> PlaceDraft:
    """Return the place of a service, or of a structure without services. Raises UnusableRow."""
    service = row.get("service") if isinstance(row.get("service"), dict) else {}
    structure = row.get("structure") if isinstance(row.get("structure"), dict) else {}
    assert isinstance(service, dict) and isinstance(structure, dict)

    def said(name: str) -> Any:
        value = service.get(name)
        return structure.get(name) if value in (None, "", []) else value

    source, key = said("source"), said("id")
    if not key:
        raise unusable("no_key")
    modes = _list(service.get("modes_accueil"))
    if modes and "en-presentiel" not in modes:
        raise unusable("no_place_to_go")
    kinds = parts.kinds_of(
        kinds_in(_list(service.get("thematiques"))) or kinds_in([service.get("nom"), structure.get("nom")])
    )
    address = _address(said, findings)
    name = _name(service, structure, findings)
    if not name:
        repair(findings, "no_name")
    hours, conditions = parts.hours_of(said("horaires_accueil"), _conditions(service, findings), findings)
    return PlaceDraft(
        source=f"data·inclusion {source or ''}".strip()[:60],
        key=str(key)[:120],
        name=name or parts.generic_name(kinds[0], address),
        kinds=kinds,
        point=parts.point_of(said("latitude"), said("longitude"), reading, findings),
        address=address,
        hours=hours,
        audience=audience_of(_list(service.get("publics"))),
        conditions=conditions,
        phone=parts.phone_of([said("telephone")], findings),
        email=parts.email_of(said("courriel"), findings),
        website=parts.website_of(structure.get("site_web") or said("lien_source"), findings),
        about=parts.text_of(said("description"), "about", findings),
        named=bool(name),
    )


def _list(value: Any) -> list[str]:
    """Return a list of words; in tables it is JSON or separated by commas."""
    if isinstance(value, list):
        return [str(each) for each in value]
    text = str(value or "").strip()
    if text.startswith("["):
        try:
            return [str(each) for each in json.loads(text)]
        except (ValueError, RecursionError):
            text = text.strip("[]")
    return [each.strip(" \"'{}") for each in text.strip("{}").split(",") if each.strip(" \"'{}")]


def _name(service: Row, structure: Row, findings: Findings) -> str:
    name, where = str(service.get("nom") or ""), str(structure.get("nom") or "")
    if where and simple(where) not in simple(name):
        name = f"{name}, {where}" if name else where
    return parts.text_of(name, "name", findings)


def _address(said: Any, findings: Findings) -> str:
    town = " ".join(str(said(name)) for name in ("code_postal", "commune") if said(name))
    return parts.text_of(", ".join(str(each) for each in (said("adresse"), town) if each), "address", findings)


def _conditions(service: Row, findings: Findings) -> str:
    said = [service.get("conditions_acces"), service.get("frais_precisions"), service.get("mobilisation_precisions")]
    if service.get("frais") == "payant":
        said.insert(0, _("You have to pay."))
    if _list(service.get("mobilisable_par")) == ["professionnels"]:
        said.insert(0, _("A social worker has to ask for it."))
    return parts.joined([parts.text_of(each, "conditions", findings) for each in said], "conditions", findings)
