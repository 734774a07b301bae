"""The page of the reader's own account, sign-up, and the link that confirms an address."""

from typing import Any

from allauth.account.internal.stagekit import unstash_login
from allauth.account.views import ConfirmEmailView, SignupView
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from volunteers.people.accounts.http_types import Request
from volunteers.people.administrators import sign_up
from volunteers.people.sign_in.forms import ProfileForm


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
        "connected": SocialAccount.objects.filter(user=request.user, provider=settings.OIDC_ISSUER).exists(),
    }
    return render(request, "volunteers/accounts/me.html", context)


class SignUpView(SignupView):
    """Sign-up. While sign-up is closed, the page says whom to ask for an invitation."""

    def closed(self) -> HttpResponse:
        return render(self.request, "account/signup_closed.html", {"ask": sign_up.whom_to_ask()})


class ConfirmAddressView(ConfirmEmailView):
    """The link of a confirmation mail.

    In the browser that signed up, opening the link is enough. Any other browser gets a button, because mail programs
    open links by themselves.
    """

    def get(self, *args: Any, **options: Any) -> Any:
        found = self.get_object_or_none()
        own = unstash_login(self.request, peek=True)
        if (
            found is not None
            and own is not None
            and own.user is not None
            and own.user.pk == found.email_address.user_id
        ):
            return self.post(*args, **options)
        return super().get(*args, **options)

    def get_object_or_none(self) -> Any:
        """Return the confirmation of the link, or None if it has expired or was used."""
        try:
            return self.get_object()
        except Http404:
            return None
