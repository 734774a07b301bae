"""The pages of the first administrator: 404 unless this browser opened the link that the server printed."""

import base64

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_safe

from volunteers.models import User
from volunteers.people.accounts.http_types import Request
from volunteers.site.first_start import first_administrator, start_link
from volunteers.site.first_start.first_administrator import Draft, LinkUsed
from volunteers.site.first_start.forms import AdministratorForm, FactorForm
from volunteers.site.first_start.start_link import Opened
from volunteers.site.setup_checklist import guided_tour

DRAFT, SECRET = "first_start_draft", "first_start_secret"


@require_GET
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Take the link for this browser, and continue without the token in the address."""
    opened = start_link.open_link(token, request.session)
    if opened is Opened.UNKNOWN:
        raise Http404
    if opened is Opened.OURS:
        return redirect("first_start:account")
    return render(request, "volunteers/first_start/closed.html", {"expired": opened is Opened.EXPIRED}, status=410)


def account(request: HttpRequest) -> HttpResponse:
    """Ask for the address and the password."""
    _require_link(request)
    draft = request.session.get(DRAFT, {})
    form = AdministratorForm(request.POST or None, initial={key: draft.get(key) for key in ("email", "display_name")})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        made = Draft.of(data["email"], data["display_name"], data["password1"])
        request.session[DRAFT] = {"email": made.email, "display_name": made.display_name, "password": made.password}
        return redirect("first_start:factor")
    context = {"form": form, "step": 1, "steps": guided_tour.STEPS}
    return render(request, "volunteers/first_start/account.html", context, status=422 if form.errors else 200)


def factor(request: HttpRequest) -> HttpResponse:
    """Show the secret for the authenticator app, and create the account with the app's first code."""
    _require_link(request)
    if DRAFT not in request.session:
        return redirect("first_start:account")
    draft = Draft(**request.session[DRAFT])
    secret = request.session.setdefault(SECRET, generate_totp_secret())
    form = FactorForm(secret, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = first_administrator.create(draft, secret, form.cleaned_data["code"], request.session)
        except LinkUsed:
            raise Http404 from None
        _sign_in(request, person)
        return redirect("first_start:codes")
    address = get_adapter().build_totp_url(User(email=draft.email), secret)
    context = {
        "form": form, "secret": _in_fours(secret), "address": address, "picture": _data_url(get_adapter().build_totp_svg(address)),
        "step": 2, "steps": guided_tour.STEPS,
    }  # fmt: skip
    return render(request, "volunteers/first_start/factor.html", context, status=422 if form.errors else 200)


def _in_fours(text: str) -> str:
    """Return a key that is easier to type; apps ignore the spaces."""
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def _data_url(svg: str) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def _sign_in(request: HttpRequest, person: User) -> None:
    for key in (DRAFT, SECRET, start_link.SESSION_KEY):
        request.session.pop(key, None)
    login(request, person, backend="allauth.account.auth_backends.AuthenticationBackend")
    record_authentication(request, person, method="password", email=person.email)
    record_authentication(request, person, method="mfa", type=Authenticator.Type.TOTP)
    guided_tour.begin(request.session)


@require_safe
def codes(request: Request) -> HttpResponse:
    """Show the recovery codes once, right after the account was created."""
    stored = Authenticator.objects.filter(user=request.user, type=Authenticator.Type.RECOVERY_CODES).first()
    if stored is None or not guided_tour.is_on(request.session):
        raise Http404
    context = {"codes": RecoveryCodes(stored).get_unused_codes(), "step": 2, "steps": guided_tour.STEPS}
    return render(request, "volunteers/first_start/codes.html", context)


def _require_link(request: HttpRequest) -> None:
    if not start_link.is_ours(request.session):
        raise Http404
