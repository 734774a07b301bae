"""The reader's own offer."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from volunteers.models import Profile
from volunteers.people.accounts.http_types import Request
from volunteers.people.availability import offers
from volunteers.people.availability.forms import AvailabilityForm, initial_of, window_set


def offer(request: Request) -> HttpResponse:
    """Show and store the offer. Proposals need a place and at least one time."""
    profile = Profile.objects.filter(user=request.user).prefetch_related("windows").first()
    data = request.POST if request.method == "POST" else None
    form = AvailabilityForm(data, initial=initial_of(profile))
    times = [{"weekday": w.weekday, "start": w.start, "end": w.end} for w in profile.windows.all()] if profile else []
    windows = window_set(data, times)
    if data is not None and form.is_valid() and windows.is_valid():
        offers.store(request.user, form.offer(windows.weekly))
        messages.success(request, _("What you offer is saved."))
        return redirect("volunteers:offer")
    context = {"form": form, "windows": windows, "profile": profile, "open_map": bool(profile and profile.base)}
    return render(request, "volunteers/availability/offer.html", context, status=400 if data is not None else 200)
