"""JSON from outside. Python's parser raises RecursionError for deep nesting; these functions raise ValueError."""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

DEEPEST = 32
"""Maximum number of nested levels; our deepest body has six."""


class TooDeep(ValueError):
    """The text is nested more than DEEPEST levels deep."""


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
    """DRF's JSON parser, which answers 400 to deep nesting."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            return checked(super().parse(stream, media_type, parser_context))
        except (TooDeep, RecursionError):
            raise ParseError("JSON parse error - too deeply nested") from None


class BoundedJSONField(forms.JSONField):
    """Django's JSON field, which shows a form error for deep nesting."""

    def to_python(self, value: Any) -> Any:
        try:
            return checked(super().to_python(value))
        except (TooDeep, RecursionError):
            raise ValidationError(self.error_messages["invalid"], code="invalid", params={"value": ""}) from None
