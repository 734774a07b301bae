"""Home, about and the reader's own page."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from solidarity.lib.languages import in_public_languages_without_account
from volunteers.accounts.forms import ProfileForm
from volunteers.accounts.http_types import Request


@in_public_languages_without_account
def home(request: HttpRequest) -> HttpResponse:
    """Three doors without an account; the next thing to do with one."""
    return render(request, "home.html")


def about(request: HttpRequest) -> HttpResponse:
    return render(request, "about.html")


def health(request: HttpRequest) -> HttpResponse:
    """200 when the database answers; for load balancers and the start script."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


@login_required
def me(request: Request) -> HttpResponse:
    """The reader's profile, memberships and territories."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your profile is saved."))
        return redirect("volunteers:me")
    context = {
        "form": form,
        "memberships": request.user.memberships.current().select_related("association"),
        "assignments": request.user.assignments.current().select_related("territory"),
        "mfa_required": settings.MFA_REQUIRED,
    }
    return render(request, "volunteers/accounts/me.html", context)


def styleguide(request: HttpRequest) -> HttpResponse:
    """All components on one page; only in demonstrations."""
    return render(request, "styleguide.html")
