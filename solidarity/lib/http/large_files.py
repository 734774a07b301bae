"""Uploads larger than a photo: a view names the largest file that it takes, for people who are signed in.

The upload handler of photos (needs.base.attachments.photos) drops larger files while it reads them.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest


def takes_files[ViewT: Callable[..., Any]](most_bytes: int) -> Callable[[ViewT], ViewT]:
    """Mark a view that takes files of up to ``most_bytes`` from people who are signed in."""

    def mark(view: ViewT) -> ViewT:
        view.most_bytes = most_bytes  # type: ignore[attr-defined]
        return view

    return mark


def most_bytes(request: HttpRequest, usual: int) -> int:
    """Return the size of the largest file that a request may carry. usual: the size where no view says otherwise."""
    match = request.resolver_match
    said: int = getattr(match.func, "most_bytes", usual) if match else usual
    return said if said == usual or request.user.is_authenticated else usual
