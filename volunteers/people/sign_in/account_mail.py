"""Sign-up, mails about accounts and the page after sign-up (django-allauth).

The texts of the mails are in templates/account/email/. The links in the mails begin with SITE_URL, whatever the Host
header of the request says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language, get_language_from_request, override
from django.utils.translation import gettext_lazy as _

from solidarity.lib.publisher import publisher
from volunteers.people.accounts import passwords
from volunteers.people.administrators import sign_up


@dataclass(frozen=True, slots=True)
class Site:
    """The configured site, with the attributes that allauth's templates read."""

    name: str
    domain: str

    @classmethod
    def configured(cls) -> "Site":
        return cls("Solidarity", urlsplit(settings.SITE_URL).netloc)


def at_the_site(address: str) -> str:
    """Return an address of this site with the scheme and host of SITE_URL."""
    parts = urlsplit(address)
    query = f"?{parts.query}" if parts.query else ""
    return f"{settings.SITE_URL}{parts.path}{query}"


class AccountAdapter(DefaultAccountAdapter):
    """allauth's adapter: mails, rules for passwords, and the pages to which people are redirected."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("The e-mail address or the password is wrong."),
        "too_many_login_attempts": _("Too many attempts to sign in. Try again later."),
    }

    def send_mail(self, template_prefix: str, email: str, context: Mapping[str, Any]) -> None:
        links = {name: at_the_site(value) for name, value in context.items() if name.endswith("_url")}
        site = {"current_site": Site.configured(), "site_url": settings.SITE_URL, "publisher": publisher()}
        language = get_language() or settings.LANGUAGE_CODE
        if language in dict(settings.PUBLIC_LANGUAGES):  # mails exist in the complete languages only
            language = get_language_from_request(self.request)
        with override(language):
            super().send_mail(template_prefix, email, {**context, **links, **site})

    def clean_password(self, password: str, user: Any = None) -> str:
        """Return the password; raise ValidationError, in our own words, if it breaks a rule."""
        passwords.check(password, user)
        return password

    def reauthenticate(self, user: Any, password: str) -> bool:
        """Return whether the password is right. That may have replaced a former hash (password_hasher.py), on which
        sessions depend: this session takes the new one, so that its owner stays signed in."""
        right: bool = super().reauthenticate(user, password)
        if right:
            user.refresh_from_db(fields=["password"])
            self.request.session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        return right

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Whether this browser may create an account (volunteers.people.administrators.sign_up)."""
        return sign_up.is_open_to(request.session)

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        """Lead new volunteers to the three questions after sign-up."""
        return reverse("needs:welcome")

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        """Return the page after a confirmation. If this browser is not the browser of the sign-up, return the sign-in
        page, which then leads to the three questions."""
        if self.request.user.is_authenticated:
            return str(super().get_email_verification_redirect_url(email_address))
        return f"{reverse('account_login')}?{urlencode({'next': reverse('needs:welcome')})}"
