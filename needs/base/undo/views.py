"""The one address that undoes an action."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from needs.base.undo import undoing
from solidarity.lib.http import undo_offers
from solidarity.lib.http.own_pages import own_page
from volunteers.people.accounts.http_types import Request


@require_POST
def undo(request: Request) -> HttpResponse:
    """Undo the action that the token names, then show the page of the need or other object that has changed."""
    try:
        action, subject = undo_offers.read(request.POST.get(undo_offers.FIELD, ""), request.user.pk)
    except undo_offers.NotUndoable:
        messages.warning(request, undoing.too_late())
        return redirect(_page_before(request))
    undone = undoing.undo(request.viewer, action, subject)
    (messages.success if undone.done else messages.warning)(request, undone.words)
    return redirect(undone.path or _page_before(request))


def _page_before(request: Request) -> str:
    """Return the path of the page that showed the offer."""
    return own_page(request) or "home"
