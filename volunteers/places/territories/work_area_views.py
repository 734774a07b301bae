"""The page on which a coordinator invites associations to work in their territories."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from volunteers.models import Association, Territory
from volunteers.people.accounts import reauthentication
from volunteers.people.accounts.http_types import Request
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories import work_areas
from volunteers.places.territories.duty_views import coordinating


class WorkAreaForm(forms.Form):
    """An association, and a territory in which it may work. The territory is one that the reader coordinates."""

    association = forms.ModelChoiceField(
        label=gettext_lazy("Association"), queryset=Association.objects.all(), to_field_name="slug"
    )
    territory = forms.ModelChoiceField(
        label=gettext_lazy("Territory"), queryset=Territory.objects.none(), to_field_name="slug",
        help_text=gettext_lazy("The invitation is valid in this territory and in all below it."),
    )  # fmt: skip

    def __init__(self, viewer: Viewer, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["territory"].queryset = Territory.objects.coordinated_by(viewer)  # type: ignore[attr-defined]


@coordinating
def associations(request: Request) -> HttpResponse:
    """Show the invitations in the reader's territories, and the associations that work nowhere. A POST invites one."""
    form = WorkAreaForm(request.viewer, request.POST if request.method == "POST" else None)
    if form.is_valid():
        reauthentication.require(request)
        if work_areas.invite(form.cleaned_data["association"], [form.cleaned_data["territory"]], request.user):
            messages.success(request, _("The association can work there now."))
        else:
            messages.info(request, _("The association is already invited there."))
        return redirect("territories:associations")
    context = {
        "form": form,
        "rows": work_areas.rows_for(request.viewer),
        "without_area": work_areas.without_area(),
    }
    status = 400 if form.is_bound else 200
    return render(request, "volunteers/territories/work_areas.html", context, status=status)


@coordinating
@require_POST
def end(request: Request, area: int) -> HttpResponse:
    """End an invitation."""
    work_areas.end(get_object_or_404(work_areas.rows_for(request.viewer), pk=area), request.user)
    messages.success(request, _("The invitation has ended. Needs that its people had taken there are open again."))
    return redirect("territories:associations")
