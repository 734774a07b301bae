"""Error responses. Errors of fields are listed by field name; all other errors have ``detail`` and ``code``."""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404
from rest_framework import status
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler


def handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return DRF's error response and add a code. A conflict gives 409; an object that the reader may not see gives
    404."""
    if isinstance(error, ObjectDoesNotExist | Http404):
        # The text of Http404 is replaced because it names the table, and a forbidden object must look like a missing
        # one.
        error = NotFound()
    words, refusal = getattr(error, "words", None), getattr(error, "refusal", None)
    if words is not None and refusal is not None:
        body: dict[str, Any] = {"detail": str(words), "code": str(refusal.value)}
        if left := getattr(error, "left", None):
            body["left"] = [str(kind) for kind in left]
        return Response(body, status=status.HTTP_409_CONFLICT)
    response = exception_handler(error, context)
    if response is not None and isinstance(response.data, dict) and "detail" in response.data:
        if isinstance(error, APIException) and not isinstance(error, ValidationError):
            response.data["code"] = str(error.get_codes())
        elif "code" not in response.data:
            response.data["code"] = {404: "not_found", 403: "permission_denied"}.get(response.status_code, "error")
    elif response is not None and isinstance(response.data, list):
        response.data = {"non_field_errors": response.data}
    return response


class Conflict(APIException):
    """An action that the current state does not allow."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"
