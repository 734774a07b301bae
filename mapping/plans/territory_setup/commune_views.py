"""Pages on which communes are chosen from the downloaded list."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mapping.plans.territory_setup import border_drafts, commune_choice
from mapping.plans.territory_setup.forms import CommuneDownloadForm, CommuneSearchForm
from mapping.plans.territory_setup.views import require_right
from volunteers.models import Commune, CommuneDownload
from volunteers.people.accounts.http_types import Request
from volunteers.places.commune_borders import commune_download
from volunteers.places.commune_borders.commune_download import Undownloadable
from volunteers.site.setup_checklist import checklist

COUNTRY = "fr"


@require_http_methods(["GET", "HEAD", "POST"])
def communes(request: Request) -> HttpResponse:
    """Search the list of communes and choose some; go on to their preview."""
    require_right(request)
    form = CommuneSearchForm(request.POST or None)
    if not form.is_bound:
        return _page(request, form, [], CommuneDownloadForm())
    if not form.is_valid():
        raise Http404
    codes = request.POST.getlist("chosen")
    if "all" in request.POST:
        codes += commune_choice.found(COUNTRY, form.cleaned_data["said"]).values_list("code", flat=True)
    chosen = commune_choice.chosen(COUNTRY, codes)
    if "preview" in request.POST and chosen.exists():
        draft = border_drafts.keep(request.user, commune_choice.features(chosen))
        return redirect("mapping:territories_preview", draft=draft)
    if "preview" in request.POST:
        messages.error(request, _("Select at least one commune."))
    return _page(request, form, list(chosen), CommuneDownloadForm())


@require_POST
def download_communes(request: Request) -> HttpResponse:
    """Ask a worker to download communes."""
    _require_administrator(request)
    form = CommuneDownloadForm(request.POST)
    if not form.is_valid():
        return _page(request, CommuneSearchForm(None), [], form, status=422)
    try:
        commune_choice.start_download(request.user, COUNTRY, form.cleaned_data["areas"])
    except Undownloadable as error:
        messages.error(request, str(error))
    return redirect("mapping:communes")


@require_safe
def communes_state(request: Request) -> HttpResponse:
    """The part of the page that shows the progress of the download. The page polls this part, and is loaded again when
    the download ends."""
    _require_administrator(request)
    state = CommuneDownload.objects.filter(country=COUNTRY).first()
    answer = render(request, "mapping/territory_setup/communes_state.html", _state(state))
    if state is None or not state.runs:
        answer["HX-Refresh"] = "true"
    return answer


def _require_administrator(request: Request) -> None:
    if not checklist.may_set_up(request.viewer):
        raise Http404


def _page(
    request: Request, form: CommuneSearchForm, chosen: list[Commune], download: CommuneDownloadForm, status: int = 200
) -> HttpResponse:
    said = form.cleaned_data["said"] if form.is_bound else ""
    number = Commune.objects.filter(country=COUNTRY).count()
    found = commune_choice.found(COUNTRY, said).exclude(pk__in=[each.pk for each in chosen])
    shown = list(found[: commune_choice.MOST_SHOWN + 1])
    context = {
        "form": form,
        "chosen": chosen,
        "found": shown[: commune_choice.MOST_SHOWN],
        "more": len(shown) > commune_choice.MOST_SHOWN,
        "number": number,
        "said": said,
        "download": download,
        "may_download": checklist.may_set_up(request.viewer),
    } | _state(CommuneDownload.objects.filter(country=COUNTRY).first())
    return render(request, "mapping/territory_setup/communes.html", context, status=status)


def _state(state: CommuneDownload | None) -> dict[str, Any]:
    error = ""
    if state is not None and state.problem:
        error = commune_download.sentence(state.problem, state.details)
    elif state is not None and state.interrupted:
        error = _("The download was interrupted. Start it again: it goes on from where it stopped.")
    return {"state": state, "error": error}
