"""Forms of accounts."""

import uuid
from typing import Any

from allauth.account.forms import SignupForm
from allauth.account.models import EmailAddress
from allauth.mfa.webauthn.forms import LoginWebAuthnForm, ReauthenticateWebAuthnForm
from django import forms
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest

from solidarity.lib.http.json_bodies import BoundedJSONField
from volunteers.models import User


class EvenSignupForm(SignupForm):
    """Sign-up that does the same work for new and for known addresses, so that the response time reveals nothing.

    If an address already has an account, an account with a random address is stored, and the transaction is rolled
    back.
    """

    cleaned_data: dict[str, Any]

    def try_save(self, request: HttpRequest) -> Any:
        if self.account_already_exists:
            with transaction.atomic():
                self._save_and_undo(request)
            # One write is committed, because only a commit that contains a write waits for the disk.
            EmailAddress.objects.filter(email=self.cleaned_data["email"]).update(email=F("email"))
            return super().try_save(request)
        with transaction.atomic():
            return super().try_save(request)

    def _save_and_undo(self, request: HttpRequest) -> None:
        known = self.cleaned_data
        self.cleaned_data, self.account_already_exists = {**known, "email": f"{uuid.uuid4().hex}@example.org"}, False
        try:
            self.save(request)
        finally:
            self.cleaned_data, self.account_already_exists = known, True
            transaction.set_rollback(True)


class PasskeySignInForm(LoginWebAuthnForm):
    """Sign-in with a passkey. The credential is untrusted, because anybody can send one."""

    credential = BoundedJSONField(widget=forms.HiddenInput)


class PasskeyProofForm(ReauthenticateWebAuthnForm):
    """The proof of identity before a sensitive action."""

    credential = BoundedJSONField(widget=forms.HiddenInput)


class ProfileForm(forms.ModelForm):
    """The name shown to the team."""

    class Meta:
        model = User
        fields = ("display_name",)
