"""The page of the reader's own account."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control

from volunteers.accounts.forms import ProfileForm
from volunteers.accounts.http_types import Request


@login_required
@cache_control(private=True, no_store=True)
def me(request: Request) -> HttpResponse:
    """Show the account with its memberships and territories; store a new display name."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your profile is saved."))
        return redirect("volunteers:me")
    context = {
        "form": form,
        "memberships": request.user.memberships.current().select_related("association"),
        "assignments": request.user.assignments.current().select_related("territory"),
        "asked": request.user.duty_requests.waiting().select_related("territory"),
        "mfa_required": settings.MFA_REQUIRED,
    }
    return render(request, "volunteers/accounts/me.html", context)
