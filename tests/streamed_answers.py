"""Typed access to the streamed responses of the test client."""

from django.http import StreamingHttpResponse


def streamed(answer: object) -> bytes:
    """Return the whole body of a streamed response."""
    assert isinstance(answer, StreamingHttpResponse)
    return b"".join(answer)
