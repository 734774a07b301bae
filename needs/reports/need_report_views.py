"""Pages for reporting a need: the emergency gate and the form."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from needs.base.site_categories import site_list
from needs.reports import filing, intake
from needs.reports.forms import pii_sentences
from needs.reports.need_forms import NeedForm
from solidarity.lib.database.idempotent_insert import InsertResult
from solidarity.lib.http.kept_pages import kept
from solidarity.lib.languages import in_public_languages
from solidarity.lib.pii_check.forms import PiiCheckedForm
from solidarity.lib.site import emergency_gate
from solidarity.lib.site.emergency_gate import Danger
from volunteers.people.accounts.http_types import Request
from volunteers.places.place_names.without_scripts import places_wanted, typed_values, with_choice

NO_DANGER = "none"


@kept
@in_public_languages
def report_need(request: Request) -> HttpResponse:
    """The emergency gate, shown before the form."""
    dangers = [(danger, emergency_gate.lines_for(None, danger)[0]) for danger in Danger]
    return render(request, "needs/reports/gate.html", {"dangers": dangers, "no_danger": NO_DANGER})


@kept
@in_public_languages
def emergency(request: Request, gate: str) -> HttpResponse:
    """The emergency numbers for a danger, shown before the form."""
    danger = _danger_or_404(gate)
    if danger is None:
        return redirect("needs:need_form", NO_DANGER)
    lines = emergency_gate.lines_for(None, danger)
    return render(request, "needs/reports/emergency.html", {"danger": danger, "lines": lines})


@kept
@in_public_languages
@never_cache
def need_form(request: Request, gate: str) -> HttpResponse:
    """The need form, shown after the gate. A repeat leads to the same need."""
    danger = _danger_or_404(gate)
    device = intake.device_of(request)
    if found := places_wanted(request.POST, request.viewer):
        form = NeedForm(danger=danger)
        form.initial = typed_values(form, request.POST)
        if request.FILES:
            messages.warning(request, _("Choose the photo again: the search could not keep it."))
        context = {"form": form, "danger": danger, "gate": gate, "places": found}
        return render(request, "needs/reports/need_form.html", context)
    data = with_choice(request.POST)
    form = NeedForm(data or None, request.FILES or None, danger=danger)
    form.too_large = "photo" in getattr(request, "too_large", ())
    status = 400 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        sender = intake.sender_of(request, device)
        if not form.cleaned_data["id"]:
            form.without_id = intake.minted_id(request, sender)
        photo = form.cleaned_data["photo"]
        filed = intake.file_need(form.draft(), sender, implied=form.implied, photo=photo, gate=danger)
        if filed.stored is InsertResult.NEW:
            site_list.store(filed.id, form.site_categories)
        if filed.stored is not InsertResult.CONFLICT:
            warn_of_pii(request, form)
            response: HttpResponse = redirect("needs:follow", filing.follow_token(filed.id))
            intake.remember(response, device)
            return response
        form, status = form.with_new_id(), 409
    context = {"form": form, "danger": danger, "gate": gate}
    return render(request, "needs/reports/need_form.html", context, status=status)


def warn_of_pii(request: Request, form: PiiCheckedForm) -> None:
    """Show the PII check's warnings about a report that it did not stop."""
    for sentence in pii_sentences(form):
        messages.warning(request, sentence)


def _danger_or_404(gate: str) -> Danger | None:
    if gate == NO_DANGER:
        return None
    try:
        return Danger(gate)
    except ValueError:
        raise Http404 from None
