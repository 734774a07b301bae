"""The page on which administrators switch parts of the site on and off; 404 for others."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from solidarity.lib.site import features
from solidarity.lib.site.features import Preset
from volunteers.people.accounts import reauthentication
from volunteers.people.accounts.http_types import Request
from volunteers.site.setup_checklist import checklist
from volunteers.site.site_details import feature_form, saving
from volunteers.site.site_details.feature_form import FeaturesForm


def switch_features(request: Request) -> HttpResponse:
    """Show and store the parts of the site that are on: a preset, or single parts."""
    if not checklist.may_set_up(request.viewer):
        raise Http404
    form = FeaturesForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reauthentication.require(request)
        saving.save(request.user, "features", **{features.FIELD: form.left_out()})
        messages.success(request, _("Saved. Within ten seconds, all pages show it."))
        return redirect("setup:features")
    now = feature_form.on_now()
    presets = [
        {
            "value": preset.value,
            "label": preset.label,
            "parts": [each.name for each in features.every() if preset in each.presets],
            "current": features.in_preset(preset) == now,
        }
        for preset in Preset
    ]
    context = {"form": form, "presets": presets, "late": feature_form.came_in_late()}
    return render(request, "volunteers/site_details/features.html", context, status=422 if form.errors else 200)
