"""The page of the reader's API tokens."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from volunteers.people.accounts import reauthentication
from volunteers.people.accounts.http_types import Request
from volunteers.people.tokens import tokens
from volunteers.people.tokens.forms import WRITE, TokenForm


def token_list(request: Request) -> HttpResponse:
    """Show the reader's tokens and a form. A POST creates a token and shows it once."""
    form = TokenForm(request.POST or None)
    made, status = None, 400 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        reauthentication.require(request)
        said = form.cleaned_data
        try:
            _row, made = tokens.make(request.user, said["name"], writes=said["scope"] == WRITE, days=said["days"])
        except tokens.TooMany:
            form.add_error(None, _("You have the maximum number of tokens. Revoke one first."))
        else:
            form, status = TokenForm(), 201
    context = {"form": form, "made": made, "tokens": tokens.of(request.user), "now": timezone.now()}
    return render(request, "volunteers/api/tokens.html", context, status=status)


@require_POST
def revoke(request: Request, token: uuid.UUID) -> HttpResponse:
    """Revoke one of the reader's tokens."""
    tokens.revoke(get_object_or_404(tokens.of(request.user), pk=token))
    messages.success(request, _("The token is revoked. It no longer works."))
    return redirect("volunteers:tokens")
