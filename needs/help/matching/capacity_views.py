"""The page of an association's weekly capacities, for its dispatchers."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from needs.base.dispatch_scope.guards import association_dispatcher_only, dispatched
from needs.help.matching import capacities
from needs.help.matching.forms import CapacityForm
from needs.models import Capacity
from volunteers.people.accounts.http_types import Request


def capacities_page(request: Request, association: str = "") -> HttpResponse:
    """Edit the capacities of an association that the reader dispatches for: number per kind and week, base, radius."""
    association_dispatcher_only(request.user)
    every = list(dispatched(request.user))
    own = get_object_or_404(dispatched(request.user), slug=association) if association else every[0]
    rows = list(Capacity.objects.filter(association=own))
    form = CapacityForm(request.POST or None, initial=_initial(rows))
    if form.is_bound and form.is_valid():
        capacities.save_capacities(own, form.per_week, form.base, form.cleaned_data["radius"])
        messages.success(request, _("The capacities are saved."))
        return redirect("needs:capacities_of", own.slug)
    gone = capacities.used([own.pk], timezone.now())
    context = {
        "form": form,
        "own": own,
        "others": [each for each in every if each != own],
        "numbers": [(field, gone[own.pk, field.name]) for field in form.numbers],
        "open_map": any(row.base for row in rows),
    }
    return render(request, "needs/matching/matching_capacities.html", context, status=400 if form.is_bound else 200)


def _initial(rows: list[Capacity]) -> dict[str, Any]:
    found: dict[str, Any] = {row.kind: row.per_week for row in rows}
    based = next((row for row in rows if row.base is not None), None)
    if based is not None and based.base is not None:
        found |= {"latitude": round(based.base.y, 5), "longitude": round(based.base.x, 5)}
    return found | ({"radius": rows[0].radius} if rows else {})
