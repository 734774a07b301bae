"""Pauses: a moderator decided that a person may not write for some days. Even then, the person may report a need and
ask for help."""

import functools
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from typing import Any, ClassVar

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from needs.models import WritingPause
from solidarity.lib.refused_for import RefusedFor
from volunteers.models import User
from volunteers.people.accounts.http_types import Request

DAYS = (1, 3, 7, 14, 30)
PAUSED = _("A moderator decided that you may not write to others for some days. Your account page shows the reason.")


class PauseRefusal(Enum):
    WRITING_PAUSED = "writing_paused"


class WritingPaused(RefusedFor[PauseRefusal]):
    """The person may not write to others at present. Nothing is stored."""

    sentences: ClassVar[Mapping[Enum, str | Promise]] = {PauseRefusal.WRITING_PAUSED: PAUSED}


def paused_until(user: User | None) -> datetime | None:
    """Return the time until which a person may not write; None if the person may write."""
    if user is None:
        return None
    now = timezone.now()
    return (
        WritingPause.objects.filter(user=user, until__gt=now).order_by("-until").values_list("until", flat=True).first()
    )


def may_write(user: User | None) -> bool:
    return paused_until(user) is None


def check(user: User) -> None:
    """Raise WritingPaused for a person who may not write.

    The verbs call this, so it also applies to the API.
    """
    if not may_write(user):
        raise WritingPaused(PauseRefusal.WRITING_PAUSED)


def writes(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate a view with which people write to others: during a pause it answers 403 and shows what was typed."""

    @functools.wraps(view)
    def guarded(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        user = request.user if request.user.is_authenticated else None
        until = paused_until(user) if request.method == "POST" else None
        if until is None:
            return view(request, *args, **kwargs)
        hidden = ("csrfmiddlewaretoken", "id", "next")
        texts = ((name, each) for name, each in request.POST.items() if isinstance(each, str))
        typed = [each for name, each in texts if name not in hidden and " " in each.strip()]
        return render(request, "needs/moderation/paused.html", {"until": until, "typed": typed}, status=403)

    return guarded
