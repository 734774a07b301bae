"""The PII check in the API: every body is accepted, and the response lists the findings under ``warnings``."""

from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework import serializers

from solidarity.lib.pii_check.detection import Finding, Kind
from solidarity.lib.pii_check.messages import look, said_of

NOTED = "pii_warnings"


class PiiCheckedSerializer(serializers.Serializer):
    """A body with free text, or with objects of free text. ``pii_checked``: field → kinds to look for."""

    pii_checked: ClassVar[Mapping[str, tuple[Kind, ...]]] = {}

    def run_validation(self, data: Any = serializers.empty) -> Any:
        said = super().run_validation(data)
        found: list[Finding] = []
        for name, kinds in self.pii_checked.items():
            value = said.get(name) if isinstance(said, dict) else None
            for text in value.values() if isinstance(value, dict) else [value]:
                found += look(text, kinds) if isinstance(text, str) and text else []
        self.pii_warnings = said_of(found)
        request = self.context.get("request")
        if request is not None and self.pii_warnings:
            setattr(request, NOTED, self.pii_warnings)
        return said


def warned(request: Any, body: Any) -> Any:
    """Return a response body, with the warnings about the request if the body is an object."""
    noted: list[str] = getattr(request, NOTED, [])
    return {**body, "warnings": [*body.get("warnings", []), *noted]} if noted and isinstance(body, dict) else body
