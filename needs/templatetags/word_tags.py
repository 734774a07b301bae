"""What crews know, for pages of other rooms: words to the next crew, and the hours at which somebody was there."""

import uuid
from typing import Any

from django import template
from django.urls import reverse

from needs.models import Need, PlannedTour, Tour
from needs.tours.next_crew_words import crew_words
from needs.tours.next_crew_words.forms import NextCrewWordForm
from needs.tours.tour_stops import stop_presenter
from volunteers.models import Territory

register = template.Library()


@register.simple_tag
def hour_hint(need: Need) -> str:
    """Return the hint at the hours of a need, if tours looked there in vain; else ""."""
    return stop_presenter.for_need(need.pk)


@register.inclusion_tag("needs/next_crew_words/words.html", takes_context=True)
def next_crew_words(
    context: dict[str, Any],
    *,
    territory: Territory | None = None,
    plan: PlannedTour | None = None,
    tour: Tour | None = None,
    alone: bool = False,
    folded: bool = False,
) -> dict[str, Any]:
    """Show the current words about a territory, a plan or a tour; without these, about the reader's usual territories.

    alone: True if the page shows nothing else; all words are then shown, without a heading. folded: True in tour mode,
    which shows the words folded.
    """
    request = context["request"]
    if territory is not None:
        about = [territory]
    elif plan is not None:
        about = crew_words.of_plan(plan)
    elif tour is not None:
        about = crew_words.of_tour(tour)
    else:
        known = context.get("usual_territories")
        about = crew_words.usual(request.user) if known is None else known
    words = list(
        crew_words.words_about(request.viewer, about)[: crew_words.MOST if alone else crew_words.MOST_SHOWN + 1]
    )
    more = len(words) > crew_words.MOST_SHOWN and not alone
    words = words if alone else words[: crew_words.MOST_SHOWN]
    rows = [(word, crew_words.may_take_back(request.viewer, word)) for word in words]
    write = reverse("needs:write_word") + (f"?in={about[0].slug}" if about else "")
    return {
        "rows": rows,
        "user": request.user,
        "unread": any(word.is_unread_by(request.user) for word, _own in rows),
        "alone": alone,
        "folded": folded,
        "all": reverse("needs:words", args=[about[0].slug]) if more else "",
        "page": request.get_full_path(),
        "write": "" if folded or (tour is not None and tour.is_open) else write,
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("needs/next_crew_words/after_tour.html", takes_context=True)
def word_after_tour(context: dict[str, Any]) -> dict[str, Any]:
    """Show the form at the end of tour mode, which works offline."""
    request = context["request"]
    offered = crew_words.offered(request.viewer, usually=context.get("usual_territories"))
    initial = {"id": uuid.uuid4(), "territory": offered[0].slug}
    form = NextCrewWordForm(viewer=request.viewer, territories=offered, initial=initial, auto_id="word_%s")
    return {"form": form, "user": request.user, "csrf_token": context.get("csrf_token")}
