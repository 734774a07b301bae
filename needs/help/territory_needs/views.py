"""The page of a territory's needs. Only its coordinators may open it; the audit log records each reading."""

from urllib.parse import urlencode

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from needs.base.dispatch_scope import list_log, scope
from needs.base.need_filters.need_filters import SearchQuery
from needs.enums import Category, Urgency
from needs.help.nearby import near_places
from needs.help.nearby.filter_chips import ChipForm
from needs.help.territory_needs import territory_list
from needs.help.territory_needs.territory_list import STAGE_LABELS, Filter
from volunteers.people.accounts.http_types import Request
from volunteers.people.audit.verbs import Purpose
from volunteers.places.territories import access


class StageForm(ChipForm):
    """The filter of the list. The values of the filter appear in the URL; none of these values is a place."""

    stage = forms.ChoiceField(
        label=_("Who takes care of it"),
        required=False,
        choices=[("", _("everything")), *STAGE_LABELS.items()],
        widget=forms.RadioSelect,
    )
    urgency = forms.ChoiceField(
        label=_("How urgent"),
        required=False,
        choices=[("", _("any urgency")), *Urgency.choices],
        widget=forms.RadioSelect,
    )
    kind = forms.ChoiceField(
        label=_("What"), required=False, choices=[("", _("everything")), *Category.choices], widget=forms.RadioSelect
    )

    @property
    def wanted(self) -> Filter:
        """The filter; invalid values are ignored."""
        self.is_valid()
        return Filter(**{name: self.cleaned_data.get(name, "") for name in self.fields})


PER_PAGE = 20


@require_safe
def territory_needs(request: Request, slug: str) -> HttpResponse:
    """The unfinished needs of a territory by cell, the most urgent first: a map and a list."""
    territory = access.coordinated_territory(request.viewer, slug)
    form = StageForm(request.GET)
    wanted = form.wanted
    found = territory_list.rows_of(territory, wanted)
    page = Paginator(near_places.by_place(found), PER_PAGE).get_page(request.GET.get("page"))
    places = near_places.named(list(page))
    keys = [need.id for place in places for need in place.needs]
    progress = territory_list.progress_of(keys)
    filters = {name: value for name, value in form.data.items() if name in form.fields and value}
    search = SearchQuery(
        kinds=(wanted.kind,) if wanted.kind else (),
        urgency=(wanted.urgency,) if wanted.urgency else (),
        area=territory.slug,
    )
    list_log.record(request.user, "territory", len(keys), search, purpose=Purpose.COORDINATION, stage=wanted.stage)
    context = {
        "territory": territory,
        "form": form,
        "page": page,
        "places": [(place, [(need, progress[need.id]) for need in place.needs]) for place in places],
        "shapes": near_places.shapes(places),
        "hits": len(found),
        "own": set(scope.needs_for(request.viewer).filter(pk__in=keys).values_list("pk", flat=True)),
        "filtered": len(filters),
        "filters": urlencode(filters),
    }
    return render(request, "needs/territory_needs/territory_needs.html", context)
