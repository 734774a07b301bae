"""The schema: what it holds, and the refusals that every operation shares."""

from typing import Any

PUBLIC = "/api/v1/"
_UNSAFE = {"post", "put", "patch", "delete"}


def only_versioned(endpoints: list[tuple[str, ...]], **_more: Any) -> list[tuple[str, ...]]:
    """The addresses below /api/v1/: the older ones are the same views, Open311 has a specification of its own."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith(PUBLIC)]


def with_refusals(result: dict[str, Any], **_more: Any) -> dict[str, Any]:
    """Add the answers to what is wrong, unknown, refused or too much."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {}).update(_SCHEMAS)
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            answers = operation["responses"]
            for status, (words, schema) in _REFUSALS.items():
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


_REFUSALS = {
    "400": ("A field is wrong: its name, and what to do about it.", "FieldErrors"),
    "401": ("The token or the session is missing or over.", "Problem"),
    "403": ("The token may only read, or the CSRF token is missing.", "Problem"),
    "404": ("There is no such thing, or it is not the reader's.", "Problem"),
    "409": ("It is not possible as things stand now; the words say why and what can be done.", "Problem"),
    "415": ("Send JSON.", "Problem"),
    "429": ("Too many requests: try again later.", "Problem"),
}
_SCHEMAS: dict[str, Any] = {
    "Problem": {
        "type": "object",
        "properties": {
            "detail": {"type": "string", "description": "In the language of Accept-Language."},
            "code": {"type": "string"},
            "left": {"type": "array", "items": {"type": "string"}, "description": "Kinds that are still free."},
        },
        "required": ["detail"],
    },
    "FieldErrors": {
        "type": "object",
        "description": "Field → what is wrong with it; or detail and code, where the body is not JSON at all.",
        "additionalProperties": True,
    },
}
