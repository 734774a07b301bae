"""The pages that a phone keeps for its reader. They hold what is their own, so the phone forgets them at sign-out."""

from typing import Any

from django.urls import reverse

from needs.escalation import Danger
from needs.models import Tour

EVERYBODYS = ("home", "offline", "about", "needs:outbox", "needs:report_need")
MEMBERS = ("needs:log_encounter", "needs:walk", "needs:start_tour", "needs:tours")
MOST_TOURS = 3


def pages_for(user: Any) -> list[str]:
    """Their addresses, the most needed first: whom to call, the forms, and for members their open tours."""
    pages = [reverse(name) for name in EVERYBODYS]
    pages += [reverse("needs:need_form", args=["none"])]
    pages += [reverse("needs:emergency", args=[danger.value]) for danger in Danger]
    pages += [reverse("needs:need_form", args=[danger.value]) for danger in Danger]
    if user.is_authenticated and user.memberships.current().exists():
        pages += [reverse(name) for name in MEMBERS]
        for tour in Tour.objects.open().of_associations(user).filter(author=user).order_by("-at")[:MOST_TOURS]:
            pages += [reverse("needs:tour", args=[tour.pk]), reverse("needs:stop_tour", args=[tour.pk])]
    return pages
