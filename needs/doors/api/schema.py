"""Hooks for the OpenAPI schema. The hooks select the paths of the schema and add the error responses to every
operation."""

from typing import Any

PUBLIC = "/api/v1/"
_UNSAFE = {"post", "put", "patch", "delete"}


def only_versioned(endpoints: list[tuple[str, ...]], **_more: Any) -> list[tuple[str, ...]]:
    """Return only the endpoints below /api/v1/. Open311 has its own specification."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith(PUBLIC)]


def with_errors(result: dict[str, Any], **_more: Any) -> dict[str, Any]:
    components = result.setdefault("components", {})
    components.setdefault("schemas", {}).update(_SCHEMAS)
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            answers = operation["responses"]
            for status, (words, schema) in _ERRORS.items():
                if status == "409" and method not in _UNSAFE:
                    continue
                if status == "404" and "{" not in path and not operation.get("security"):
                    continue
                content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
                answers.setdefault(status, {"description": words, "content": content})
            answers["429"].setdefault(
                "headers", {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}
            )
            operation["responses"] = dict(sorted(answers.items()))
    return result


_ERRORS = {
    "400": ("Invalid fields, each with its error message.", "FieldErrors"),
    "401": ("The token or session is missing or has expired.", "Problem"),
    "403": ("The token is read-only, or the CSRF token is missing.", "Problem"),
    "404": ("The object does not exist, or you have no access to it.", "Problem"),
    "409": ("The current state does not allow this. The message gives the reason and the options.", "Problem"),
    "415": ("The body must be JSON.", "Problem"),
    "429": ("Too many requests. Try again later.", "Problem"),
}
_SCHEMAS: dict[str, Any] = {
    "Problem": {
        "type": "object",
        "properties": {
            "detail": {"type": "string", "description": "Message in the language of Accept-Language."},
            "code": {"type": "string"},
            "left": {"type": "array", "items": {"type": "string"}, "description": "Kinds that are still available."},
        },
        "required": ["detail"],
    },
    "FieldErrors": {
        "type": "object",
        "description": "Field → error messages; or detail and code if the body is not JSON.",
        "additionalProperties": True,
    },
}
