"""The API documentation page: all operations of the schema in plain HTML. The page has no scripts and loads nothing
from other sites."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, override
from django.views.decorators.http import require_GET
from drf_spectacular.generators import SchemaGenerator

from solidarity.lib.site import features

_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Field:
    """A body field or a parameter."""

    name: str
    kind: str
    required: bool
    about: str


@dataclass(frozen=True, slots=True)
class Operation:
    anchor: str
    method: str
    path: str
    summary: str
    about: str
    public: bool
    parameters: list[Field]
    body: list[Field]
    answers: list[tuple[str, list[Field]]]


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Show all operations of parts that are on, grouped by tag."""
    found = _parts(get_language() or settings.LANGUAGE_CODE)
    there = {tag: [one for one in part if features.has_route(one.path.lstrip("/"))] for tag, part in found.items()}
    context = {
        "parts": [(tag, part) for tag, part in there.items() if part],
        "rates": settings.API_RATES,
        "open311": settings.OPEN311,
    }
    return render(request, "needs/api/api_docs.html", context)


@cache
def _parts(language: str) -> dict[str, list[Operation]]:
    generator: Any = SchemaGenerator
    parts: dict[str, list[Operation]] = {}
    with override(language):
        for tag, operation in operations(generator().get_schema(request=None, public=True)):
            parts.setdefault(tag, []).append(operation)
    return parts


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, Operation]]:
    """Yield (tag, operation) in the order of the schema."""
    for path, methods in schema["paths"].items():
        for method in _METHODS:
            if method in methods:
                described = methods[method]
                yield described["tags"][0], _operation(schema, path, method, described)


def _operation(schema: dict[str, Any], path: str, method: str, described: dict[str, Any]) -> Operation:
    body = described.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    answers = [
        (status, _fields(schema, answer.get("content", {}).get("application/json", {}).get("schema")))
        for status, answer in described["responses"].items()
        if status.startswith("2")
    ]
    return Operation(
        anchor=described["operationId"],
        method=method.upper(),
        path=path,
        summary=described.get("summary", ""),
        about=described.get("description", ""),
        public={} in described.get("security", []),
        parameters=[
            Field(each["name"], _kind(schema, each["schema"]), bool(each.get("required")), each.get("description", ""))
            for each in described.get("parameters", [])
        ],
        body=_fields(schema, body),
        answers=answers,
    )


def _resolved(schema: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in part or len(part.get("allOf", [])) == 1:
        part = part["allOf"][0] if "allOf" in part else schema["components"]["schemas"][part["$ref"].rsplit("/", 1)[-1]]
    return part


def _fields(schema: dict[str, Any], part: dict[str, Any] | None) -> list[Field]:
    if not part:
        return []
    part = _resolved(schema, part)
    if part.get("type") == "array":
        return _fields(schema, part["items"])
    if "results" in part.get("properties", {}):
        return _fields(schema, part["properties"]["results"])
    required = set(part.get("required", []))
    return [
        Field(name, _kind(schema, each), name in required, each.get("description", ""))
        for name, each in part.get("properties", {}).items()
    ]


def _kind(schema: dict[str, Any], part: dict[str, Any]) -> str:
    """Return the type of a value in a few words."""
    for several in ("oneOf", "anyOf"):
        if several in part:
            return " | ".join(dict.fromkeys(filter(None, (_kind(schema, each) for each in part[several]))))
    part = _resolved(schema, part)
    if "enum" in part:
        return " | ".join(str(value) for value in part["enum"] if value not in (None, ""))
    kinds = part.get("type", "object")
    names = [kinds] if isinstance(kinds, str) else kinds
    if "array" in names:
        return f"[{_kind(schema, part.get('items', {}))}]"
    words = [str(part.get("format", name)) if name == "string" else name for name in names if name != "null"]
    return " | ".join(words)
