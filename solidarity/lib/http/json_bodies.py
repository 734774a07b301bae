"""JSON from outside. Python's parser raises RecursionError for deep nesting; these functions raise ValueError. The parser of
the API also refuses NUL characters, which PostgreSQL cannot store. Phones compress their bodies, because their link is
slow."""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from rest_framework.exceptions import ParseError
from rest_framework.exceptions import ValidationError as DrfValidationError
from rest_framework.parsers import JSONParser

from solidarity.lib.files.gzipped import TooLarge, gunzipped
from solidarity.lib.http import nul_characters

DEEPEST = 32
"""Maximum number of nested levels; our deepest body has six."""


class TooDeep(ValueError):
    """The text is nested more than DEEPEST levels deep."""


def plain_body(request: HttpRequest, most: int) -> bytes:
    """Return the body, decompressed if the request says ``Content-Encoding: gzip``. Decompress no more than ``most``
    bytes. Raise TooLarge for a longer body, and ValueError for a body that is not gzip."""
    body = request.body
    if request.headers.get("Content-Encoding", "identity") == "identity":
        if len(body) > most:
            raise TooLarge
        return body
    plain, rest = gunzipped(body, most)
    if rest:
        raise ValueError("more than one gzip member")
    return plain


def read_json(text: str | bytes) -> Any:
    """Return the value of a JSON text. Raise ValueError if it is invalid, or TooDeep."""
    try:
        value = json.loads(text)
    except RecursionError:
        raise TooDeep("too deeply nested") from None
    return checked(value)


def checked(value: Any) -> Any:
    """Return a parsed value; raise TooDeep if it is nested too deeply for later code."""
    level = [value]
    for _depth in range(DEEPEST + 1):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return value
    raise TooDeep("too deeply nested")


def _inside(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return [each for each in value.values() if isinstance(each, dict | list)]
    return [each for each in value if isinstance(each, dict | list)] if isinstance(value, list) else []


class BoundedJSONParser(JSONParser):
    """DRF's JSON parser, which answers 400 to deep nesting and to NUL characters."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            value = checked(super().parse(stream, media_type, parser_context))
        except (TooDeep, RecursionError):
            raise ParseError("JSON parse error - too deeply nested") from None
        if (field := _field_with_nul(value)) is not None:
            raise DrfValidationError({field: [nul_characters.words(field)]})
        return value


def _field_with_nul(value: Any, field: str = "non_field_errors") -> str | None:
    """Return the outermost field of a parsed value that contains a NUL character; None without one."""
    if isinstance(value, str):
        return field if nul_characters.NUL in value else None
    pairs = (
        value.items()
        if isinstance(value, Mapping)
        else ((field, each) for each in value)
        if isinstance(value, list)
        else ()
    )
    for name, inner in pairs:
        if nul_characters.NUL in name or _field_with_nul(inner, name) is not None:
            return str(name).replace(nul_characters.NUL, "")
    return None


class BoundedJSONField(forms.JSONField):
    """Django's JSON field, which shows a form error for deep nesting."""

    def to_python(self, value: Any) -> Any:
        try:
            return checked(super().to_python(value))
        except (TooDeep, RecursionError):
            raise ValidationError(self.error_messages["invalid"], code="invalid", params={"value": ""}) from None
