"""The parameters of a territory for its coordinators: versions, proposals, a form with a preview."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mapping.models import Parameters, Recompute
from mapping.plans.parameters import parameter_wording, versions
from mapping.plans.parameters.forms import DeclineForm, ParametersForm
from volunteers.models import Territory
from volunteers.people.accounts import reauthentication
from volunteers.people.accounts.http_types import Request
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb
from volunteers.places.territories import access


@require_http_methods(["GET", "HEAD", "POST"])
def parameters_page(request: Request, slug: str) -> HttpResponse:
    """Show the versions and the form. A POST either previews the values or saves values that were previewed."""
    territory = access.coordinated_territory(request.viewer, slug)
    current = Parameters.objects.in_force(territory)
    form = ParametersForm(
        request.POST or None,
        initial=_suggested(request.GET) | _initial(territory, current, request.GET.get("proposal")),
        current=versions.values_of(current),
    )
    if form.is_bound and not form.starts_from(current):
        return _conflict(request, territory, current, form)
    if not form.is_valid():
        return _page(request, territory, current, form, {}, status=422 if form.is_bound else 200)
    if "save" not in request.POST or not form.was_previewed:
        return _page(request, territory, current, form, _preview(territory, current, form, "save" in request.POST))
    reauthentication.require(request)
    try:
        row = _save(territory, form, request.user)
    except versions.Conflict as conflict:
        return _conflict(request, territory, conflict.newer, form)
    messages.success(request, _("Version %(number)s is saved.") % {"number": row.version})
    return redirect("mapping:parameters", slug=slug)


def _conflict(request: Request, territory: Territory, newer: Parameters, form: ParametersForm) -> HttpResponse:
    """Respond when another version was saved in the meantime: show the reader's changes applied to that version; save
    nothing."""
    again = form.carried_over(newer)
    again.add_error(None, parameter_wording.conflict_words(newer))
    return _page(request, territory, newer, again, {}, status=409)


def _initial(territory: Territory, current: Parameters, wanted: str | None) -> dict[str, Any]:
    """Return the initial values of the form: the parameters in force, or a chosen proposal."""
    initial: dict[str, Any] = {"base": current.pk}
    if wanted and wanted.isdecimal():
        proposal = get_object_or_404(Parameters.objects.proposals(), pk=int(wanted), territory=territory)
        chosen = versions.values_of(proposal)
        initial |= {name: chosen[name] for name in versions.proposed_names(proposal.grounds)}
        initial |= {"proposal": proposal.pk, "reason": _(proposal.reason)}
    return initial


def _suggested(said: Mapping[str, str]) -> dict[str, Any]:
    """Return the values that an address suggests for some fields. The reader previews them like their own changes."""
    found = {}
    for knob in parameter_wording.knobs():
        with suppress(ValueError, OverflowError):
            value = float(said.get(knob.name, "")) * knob.scale
            if knob.least <= value <= knob.most:
                found[knob.name] = value / knob.scale
    return found


def _preview(territory: Territory, current: Parameters, form: ParametersForm, unseen: bool) -> dict[str, Any]:
    found = versions.preview(territory, form.values)
    changes = versions.differences(versions.values_of(current), form.values)
    form.data = {name: str(value) for name, value in form.data.items()} | {"previewed": form.seal()}
    return {
        "preview": found,
        "lines": parameter_wording.preview_words(found, len(versions.reached(territory)) - 1),
        "matrix": parameter_wording.matrix(found),
        "tallies": parameter_wording.tallies(found),
        "changes": [parameter_wording.change_words(change) for change in changes],
        "unseen": unseen,
    }


def _save(territory: Territory, form: ParametersForm, author: Any) -> Parameters:
    data = form.cleaned_data
    proposal = None
    if data["proposal"]:
        proposal = get_object_or_404(Parameters.objects.proposals(), pk=data["proposal"], territory=territory)
    row = versions.save(
        territory, form.values, base=data["base"], reason=data["reason"], author=author, proposal=proposal
    )
    recording.record(
        author, Verb.PARAMETERS_SAVED, "parameters", row.pk, purpose=Purpose.COORDINATION, scope=territory.slug,
        details={"version": row.version},
    )  # fmt: skip
    return row


def _page(
    request: Request,
    territory: Territory,
    current: Parameters,
    form: ParametersForm,
    context: dict[str, Any],
    status: int = 200,
) -> HttpResponse:
    context = context | {
        "territory": territory,
        "current": current,
        "inherited": current.territory_id != territory.pk,
        "form": form,
        "groups": form.groups(),
        "versions": [parameter_wording.version_words(version) for version in versions.versions(territory)],
        "proposals": [
            {"row": row, "lines": parameter_wording.grounds_words(row), "form": _decline_form(context, row.pk)}
            for row in versions.open_proposals(territory).filter(territory=territory)
        ],
        "own_below": versions.with_own(territory),
        "inherit": len(versions.reached(territory)) - 1,
    }
    return render(request, "mapping/parameters/parameters.html", context | _state(territory), status=status)


def _decline_form(context: dict[str, Any], key: int) -> DeclineForm:
    """Return the submitted form if it was refused, else an empty form."""
    sent: DeclineForm | None = context.get("declined") if context.get("declined_key") == key else None
    return sent or DeclineForm(auto_id=f"{key}_%s")


def _state(territory: Territory) -> dict[str, Any]:
    last = Recompute.last_finished()
    return {"territory": territory, "pending": versions.pending(territory), "last_run": last}


@require_safe
def state(request: Request, slug: str) -> HttpResponse:
    """A line that says whether a saved version is in force yet. The page polls this line until the version is in
    force."""
    territory = access.coordinated_territory(request.viewer, slug)
    return render(request, "mapping/parameters/parameters_state.html", _state(territory))


@require_POST
def decline(request: Request, slug: str, proposal: int) -> HttpResponse:
    """Decline a proposal, with a reason."""
    territory = access.coordinated_territory(request.viewer, slug)
    row = get_object_or_404(Parameters.objects.proposals(), pk=proposal, territory=territory)
    form = DeclineForm(request.POST, auto_id=f"{row.pk}_%s")
    if form.is_valid():
        versions.close(row, "declined", form.cleaned_data["reason"], request.user)
        messages.success(request, _("The proposal is declined. The parameters stay as they are."))
        return redirect("mapping:parameters", slug=slug)
    current = Parameters.objects.in_force(territory)
    again = ParametersForm(initial={"base": current.pk}, current=versions.values_of(current))
    return _page(request, territory, current, again, {"declined": form, "declined_key": row.pk}, status=422)
