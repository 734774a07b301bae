"""Pages where coordinators see and record the reviews of the public languages."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from needs.doors.language_reviews import reviews
from needs.doors.language_reviews.forms import ReviewForm
from volunteers.people.accounts.http_types import Request
from volunteers.people.roles.standing import coordinator_only


def _language_code(user: Any, code: str) -> str:
    """Return the code of a public language for a coordinator. Raises Http404 otherwise."""
    coordinator_only(user)
    if code not in dict(settings.PUBLIC_LANGUAGES):
        raise Http404
    return code


@require_safe
def languages(request: Request) -> HttpResponse:
    coordinator_only(request.user)
    return render(request, "needs/language_reviews/languages.html", {"languages": reviews.statuses()})


def one_language(request: Request, language: str) -> HttpResponse:
    """Show a language's sentences next to English and French; a POST records a review."""
    code = _language_code(request.user, language)
    form = ReviewForm(request.POST or None)
    if form.is_bound and form.is_valid():
        reviews.record(code, **form.cleaned_data, by=request.user.pk)
        messages.success(request, _("The review is recorded. Thank you."))
        return redirect("mapping:language", code)
    context = {
        "status": reviews.status_of(code),
        "sentences": list(reviews.sentences(code)),
        "direction": "rtl" if code in settings.LANGUAGES_BIDI else "ltr",
        "language_script": settings.SCRIPTS.get(code, ""),
        "form": form,
    }
    return render(request, "needs/language_reviews/language.html", context, status=400 if form.is_bound else 200)


@require_POST
def drop_review(request: Request, language: str, review: int) -> HttpResponse:
    """Delete a review that was recorded by mistake."""
    code = _language_code(request.user, language)
    if not reviews.delete_review(code, review):
        raise Http404
    messages.success(request, _("The review is deleted."))
    return redirect("mapping:language", code)
