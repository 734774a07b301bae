"""The forms of the first administrator."""

from typing import Any

from allauth.mfa.totp.internal.auth import validate_totp_code
from django import forms
from django.core.validators import EmailValidator
from django.utils.translation import gettext_lazy as _

from volunteers.models import User
from volunteers.people.accounts import passwords
from volunteers.people.accounts.models import one_line

_WRONG_ADDRESS = _("This is not an e-mail address. It looks like name@example.org.")


class AdministratorForm(forms.Form):
    """The address, name and password of the first administrator."""

    email = forms.EmailField(
        label=_("E-mail address"),
        error_messages={"required": _("Enter your e-mail address."), "invalid": _WRONG_ADDRESS},
        validators=[EmailValidator(message=_WRONG_ADDRESS)],
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email", "autocapitalize": "none"}),
    )
    display_name = forms.CharField(
        label=_("Your name, for your team"),
        required=False,
        max_length=80,
        validators=[one_line],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password1 = forms.CharField(
        label=_("Password"),
        help_text=passwords.password_help(),
        error_messages={"required": _("Choose a password.")},
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_email(self) -> str:
        """Return the address in lower case; refuse an address that already has an account."""
        email = User.objects.normalize_email(self.cleaned_data["email"]).lower()
        if User.objects.filter(email=email).exists():
            raise forms.ValidationError(_("There is an account with this address. Choose another address."))
        return email

    def clean(self) -> dict[str, Any]:
        """Check the password, and that it is not similar to the address."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("password1"):
            try:
                passwords.check(data["password1"], User(email=data.get("email", "")))
            except forms.ValidationError as error:
                self.add_error("password1", error)
        return data


class FactorForm(forms.Form):
    """The code that the authenticator app shows for the secret on the page."""

    code = forms.CharField(
        label=_("Code that the app shows"),
        max_length=16,
        error_messages={"required": _("Enter the six digits that the app shows.")},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def __init__(self, secret: str, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.secret = secret

    def clean_code(self) -> str:
        """Return the code; refuse a wrong one."""
        code: str = self.cleaned_data["code"]
        if not validate_totp_code(self.secret, code):
            raise forms.ValidationError(
                _("This code is wrong or too old. Enter the one that the app shows now, and check your phone’s clock.")
            )
        return code
