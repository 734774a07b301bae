"""Pages and fonts that a phone caches for offline use. Pages are personal: the phone deletes them at sign-out."""

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from needs.models import Crisis, Item, Tour
from solidarity.lib import languages
from solidarity.lib.site import features
from solidarity.lib.site.emergency_gate import Danger
from volunteers.models import User
from volunteers.site.web_app import app_shell

PUBLIC_PAGES = ("home", "offline", "needs:phone_queue", "needs:report_need")
MEMBER_PAGES = ("needs:log_encounter", "needs:tour_mode", "needs:start_tour", "needs:tours")
MOST_TOURS = 3
MOST_CRISES = 2
MOST_OPEN = 100
RIGHT_TO_LEFT = ("vendor/bootstrap/rtl/bootstrap-reboot.css", "vendor/bootstrap/rtl/bootstrap.css")


def pages_for(user: User | AnonymousUser) -> list[str]:
    """Return the paths to cache, the most important first."""
    pages = [reverse(name) for name in PUBLIC_PAGES]
    pages += [reverse("needs:need_form", args=["none"])]
    pages += [reverse("needs:emergency", args=[danger.value]) for danger in Danger]
    pages += [reverse("needs:need_form", args=[danger.value]) for danger in Danger]
    for crisis in Crisis.objects.running(timezone.now())[:MOST_CRISES]:
        pages.append(reverse("needs:crisis_report", args=[crisis.slug]))
    if user.is_authenticated and user.memberships.current().exists():
        pages += [reverse(name) for name in MEMBER_PAGES]
        if Item.objects.of(user).exclude(label=None).exists():
            pages.append(reverse("needs:stock_scan"))
        for tour in Tour.objects.open().of_associations(user).filter(author=user).order_by("-at")[:MOST_TOURS]:
            pages += [reverse("needs:tour", args=[tour.pk]), reverse("needs:stop_tour", args=[tour.pk])]
    return [page for page in pages if features.has_path(page)]


def tours_of(user: User | AnonymousUser) -> list[str]:
    """Return the ids of the open tours of a person's associations: the phone forgets the stops of all others."""
    if not user.is_authenticated:
        return []
    tours = Tour.objects.open().of_associations(user).order_by("-at")[:MOST_OPEN]
    return [str(tour) for tour in tours.values_list("pk", flat=True)]


def font_files_for(request: HttpRequest) -> list[str]:
    """Return the URLs of fonts and styles that the reader's language needs in addition to the app shell."""
    language = languages.wanted(request) or ""
    names = RIGHT_TO_LEFT if language in settings.LANGUAGES_BIDI else ()
    script = settings.SCRIPTS.get(language)
    if script:
        names = (*names, f"solidarity/fonts/{script}.css", f"solidarity/fonts/{script}.woff2")
    return app_shell.urls_of(names)
