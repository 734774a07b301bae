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
        said = self.valid(data)
        warnings = self.warnings_about(said)
        request = self.context.get("request")
        if request is not None and warnings:
            setattr(request, NOTED, warnings)
        return said

    def valid(self, data: Any) -> Any:
        """Return the validated data, without the PII check: the caller has to call ``warnings_about``."""
        return super().run_validation(data)

    def warnings_about(self, said: Any) -> list[str]:
        """Return one sentence for each kind of personal data in the free texts of validated data."""
        found: list[Finding] = []
        for name, kinds in self.pii_checked.items():
            value = said.get(name) if isinstance(said, dict) else None
            for text in value.values() if isinstance(value, dict) else [value]:
                found += look(text, kinds) if isinstance(text, str) and text else []
        return said_of(found)


def warned(request: Any, body: Any) -> Any:
    """Return a response body, with the warnings about the request if the body is an object."""
    noted: list[str] = getattr(request, NOTED, [])
    return {**body, "warnings": [*body.get("warnings", []), *noted]} if noted and isinstance(body, dict) else body
