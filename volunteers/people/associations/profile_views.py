"""Pages of an association's profile, and its logo."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from volunteers.models import Association
from volunteers.people.accounts.http_types import Request
from volunteers.people.associations import association_profile
from volunteers.people.associations.profile_forms import AssociationProfileForm
from volunteers.people.associations.views import dispatched


def edit_profile(request: Request, association: str) -> HttpResponse:
    """Show and store the profile. Only for the association's dispatchers."""
    own = dispatched(request, association)
    form = AssociationProfileForm(request.POST or None, request.FILES or None, instance=own)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        association_profile.save(own, logo=data["logo"], without_logo=data.get("without_logo", False))
        messages.success(request, _("The profile is saved."))
        return redirect("volunteers:members", association=own.slug)
    context = {"form": form, "association": own}
    return render(request, "volunteers/associations/profile.html", context, status=400 if form.errors else 200)


@require_safe
@cache_control(private=True, max_age=300)
def logo(request: Request, association: str) -> FileResponse:
    """Send the logo of an association; everybody who is signed in may see it."""
    found = get_object_or_404(Association, slug=association)
    if not found.logo:
        raise Http404
    try:
        return FileResponse(found.logo.open("rb"), content_type="image/png")
    except FileNotFoundError:
        raise Http404 from None
