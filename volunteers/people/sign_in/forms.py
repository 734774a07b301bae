"""Forms of accounts."""

import uuid
from typing import Any

from allauth.account.forms import (
    ChangePasswordForm,
    LoginForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
    SignupForm,
)
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.mfa.webauthn.forms import LoginWebAuthnForm, ReauthenticateWebAuthnForm
from django import forms
from django.core.validators import EmailValidator
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from solidarity.lib.http.json_bodies import BoundedJSONField
from volunteers.models import User
from volunteers.people.accounts.passwords import password_help
from volunteers.people.administrators import sign_up


def _ask_once(form: forms.Form, label: Any) -> None:
    """Ask for a new password once, with our own words. The page can show what is typed (accounts/password.js)."""
    form.fields.pop("password2", None)
    field = form.fields["password1"]
    field.label, field.help_text = label, password_help()
    field.error_messages["required"] = _("Choose a password.")
    field.widget.attrs.pop("placeholder", None)


def _own_words_for_address(field: forms.Field) -> None:
    """Ask for an e-mail address with our own words, which exist in every public language."""
    wrong = _("This is not an e-mail address. It looks like name@example.org.")
    field.label = _("E-mail address")
    field.error_messages |= {"required": _("Enter your e-mail address."), "invalid": wrong}
    field.validators = [EmailValidator(message=wrong)]
    field.widget.attrs = {"autocomplete": "email", "inputmode": "email", "autocapitalize": "none"}


class SignInForm(LoginForm):
    """Sign-in with address and password."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        _own_words_for_address(self.fields["login"])
        password = self.fields["password"]
        password.label = _("Password")
        password.error_messages["required"] = _("Enter your password.")
        password.help_text = format_html(
            '<a href="{}">{}</a>', reverse("account_reset_password"), _("Forgot your password?")
        )
        password.widget.attrs.pop("placeholder", None)


class ResetLinkForm(ResetPasswordForm):
    """The address to which the link for a new password is sent."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        _own_words_for_address(self.fields["email"])


class EvenSignupForm(SignupForm):
    """Sign-up that does the same work for new and for known addresses, so that the response time reveals nothing.

    If an address already has an account, an account with a random address is stored, and the transaction is rolled
    back.
    """

    cleaned_data: dict[str, Any]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        _own_words_for_address(self.fields["email"])
        if "password1" in self.fields:
            _ask_once(self, _("Password"))

    def clean_email(self) -> str:
        """Return the address; while sign-up is closed, only the invited address is accepted."""
        email: str = super().clean_email()
        if not sign_up.accepts(context.request.session, email):
            raise forms.ValidationError(_("Enter the address to which the invitation was sent."))
        return email

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


class NewPasswordForm(ChangePasswordForm):
    """A new password for somebody who is signed in."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        _ask_once(self, _("New password"))


class ResetPasswordWithKeyForm(ResetPasswordKeyForm):
    """A new password for somebody who has a link from a mail."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        _ask_once(self, _("New password"))


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
