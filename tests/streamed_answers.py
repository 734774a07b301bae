"""What the test client answers, read as a type checker can follow."""

from django.http import StreamingHttpResponse


def streamed(answer: object) -> bytes:
    """The whole body of a streamed answer."""
    assert isinstance(answer, StreamingHttpResponse)
    return b"".join(answer)
