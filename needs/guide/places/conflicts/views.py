"""The page of conflicts between sources and entries of the guide, for people who keep the entries up to date."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from needs.base.undo import offering
from needs.guide.places import place_access
from needs.guide.places.conflicts import conflict_wording, decisions
from needs.guide.places.place_entries import By
from volunteers.people.accounts.http_types import Request

PAGE_SIZE = 30


@require_safe
def conflicts(request: Request) -> HttpResponse:
    """Show where sources and the entries of the viewer's places disagree."""
    place_access.keeper_only(request.viewer)
    page = Paginator(decisions.open_for(request.viewer), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "places": conflict_wording.by_place(page)}
    return render(request, "needs/places/conflicts.html", context)


@require_POST
def decide(request: Request, conflict: int) -> HttpResponse:
    """Take the source's value, or keep ours; undo is offered."""
    row = get_object_or_404(decisions.open_for(request.viewer), pk=conflict)
    own = place_access.is_member_of(request.viewer, row.place)
    take = request.POST.get("then") == "take"
    try:
        decided = decisions.decide(row.pk, By(request.user, row.place.association if own else None), take=take)
    except decisions.Overtaken:
        messages.warning(request, _("The entry has changed in the meantime. Look at it again."))
    else:
        text = _("The entry has the source’s value now.") if take else _("The entry stays as it is.")
        offering.offer(request, text, "decide-conflict", decided.pk, decided.decided_at)
    return redirect("needs:place_conflicts")
