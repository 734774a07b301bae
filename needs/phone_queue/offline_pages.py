"""What a phone keeps for its reader: pages, and the letters of their language. Pages hold what is the reader's own, so the
phone forgets them at sign-out."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from needs.models import Crisis, Tour
from needs.reports.emergency_gate import Danger
from solidarity.lib import languages
from volunteers.web_app import app_shell

EVERYBODYS = ("home", "offline", "about", "needs:outbox", "needs:report_need")
MEMBERS = ("needs:log_encounter", "needs:walk", "needs:start_tour", "needs:tours")
MOST_TOURS = 3
MOST_CRISES = 2
RIGHT_TO_LEFT = ("vendor/bootstrap/css/bootstrap-reboot.rtl.min.css",)


def pages_for(user: Any) -> list[str]:
    """Their addresses, the most needed first: whom to call, the forms, events, and for members their open tours."""
    pages = [reverse(name) for name in EVERYBODYS]
    pages += [reverse("needs:need_form", args=["none"])]
    pages += [reverse("needs:emergency", args=[danger.value]) for danger in Danger]
    pages += [reverse("needs:need_form", args=[danger.value]) for danger in Danger]
    for crisis in Crisis.objects.running(timezone.now())[:MOST_CRISES]:
        pages.append(reverse("needs:crisis_report", args=[crisis.slug]))
    if user.is_authenticated and user.memberships.current().exists():
        pages += [reverse(name) for name in MEMBERS]
        for tour in Tour.objects.open().of_associations(user).filter(author=user).order_by("-at")[:MOST_TOURS]:
            pages += [reverse("needs:tour", args=[tour.pk]), reverse("needs:stop_tour", args=[tour.pk])]
    return pages


def letters_for(request: HttpRequest) -> list[str]:
    """The addresses of files that the public pages need in this reader's language, beside those of the shell."""
    language = languages.wanted(request) or ""
    names = RIGHT_TO_LEFT if language in settings.LANGUAGES_BIDI else ()
    script = settings.SCRIPTS.get(language)
    if script:
        names = (*names, f"solidarity/fonts/{script}.css", f"solidarity/fonts/{script}.woff2")
    return app_shell.addresses(names)
