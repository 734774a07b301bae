"""The export of all data of an association, and its departure."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mapping.enums import ExportState
from mapping.out.offboarding import departure
from volunteers.models import Association
from volunteers.people.accounts import reauthentication
from volunteers.people.accounts.http_types import Request
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb


class LeaveForm(forms.Form):
    """Confirmation by typing the association's short name."""

    name = forms.CharField(label=gettext_lazy("Type the short name of the association"), max_length=60)

    def __init__(self, *args: Any, association: Association, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._slug = association.slug
        self.fields["name"].help_text = association.slug
        self.fields["name"].widget.attrs.update(autocomplete="off", spellcheck="false")

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if name.strip() != self._slug:
            raise forms.ValidationError(_("This is not the short name of the association."))
        return name


@require_http_methods(["GET", "HEAD", "POST"])
def everything(request: Request, slug: str) -> HttpResponse:
    """Request the file, show its progress, and offer the departure."""
    association = departure.association_for(request.user, slug)
    if request.method == "POST":
        reauthentication.require(request)
        departure.ask(association, request.user)
        return redirect("mapping:departure", slug)
    return _page(request, association, LeaveForm(association=association))


def _page(request: Request, association: Association, form: LeaveForm, status: int = 200) -> HttpResponse:
    context = {
        "association": association,
        "departure": departure.latest(association),
        "may_leave": departure.may_leave(request.user, association),
        "form": form,
    }
    return render(request, "mapping/offboarding/departure.html", context, status=status)


@require_safe
def departure_file(request: Request, slug: str) -> HttpResponseBase:
    """Download the file of all data."""
    association = departure.association_for(request.user, slug)
    found = departure.latest(association)
    if found is None or found.state != ExportState.DONE or not departure.path_of(found).is_file():
        raise Http404
    reauthentication.require(request, back=reverse("mapping:departure", args=[slug]))
    recording.record(request.user, Verb.EXPORT_FETCHED, departure.ASSOCIATION, association.pk, purpose=Purpose.RIGHTS)
    response = FileResponse(
        departure.path_of(found).open("rb"), as_attachment=True, filename=f"solidarity-{slug}.zip",
        content_type="application/zip",
    )  # fmt: skip
    return response


@require_POST
def leave(request: Request, slug: str) -> HttpResponse:
    """Confirm the departure, if the typed short name is right and the file exists."""
    association = departure.association_for(request.user, slug)
    found = departure.latest(association)
    if found is None or not departure.may_leave(request.user, association):
        raise Http404
    form = LeaveForm(request.POST, association=association)
    if not form.is_valid():
        return _page(request, association, form, 400)
    reauthentication.require(request)
    if not departure.confirm(found, request.user):
        messages.warning(request, _("The file has expired. Make it again first."))
        return redirect("mapping:departure", slug)
    messages.success(request, _("The association is leaving. Its data is being erased, and its members are notified."))
    return redirect("volunteers:me")
