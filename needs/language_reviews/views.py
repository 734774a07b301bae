"""The public languages, for coordinators: which of them a speaker has checked, and what there is to check."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from needs.language_reviews import reviews
from needs.language_reviews.forms import ReviewForm
from solidarity.lib.http.http_types import Request
from volunteers.territories.access import coordinator_only


def _only(user: Any, code: str) -> str:
    """The code of a public language, for whoever coordinates; Http404 otherwise."""
    coordinator_only(user)
    if code not in dict(settings.PUBLIC_LANGUAGES):
        raise Http404
    return code


@never_cache
@login_required
@require_safe
def languages(request: Request) -> HttpResponse:
    """All of them, with who checked each."""
    coordinator_only(request.user)
    return render(request, "needs/language_reviews/languages.html", {"standings": reviews.standings()})


@never_cache
@login_required
def one_language(request: Request, language: str) -> HttpResponse:
    """One language: its sentences beside English and French, to be read by a speaker, and who has."""
    code = _only(request.user, language)
    form = ReviewForm(request.POST or None)
    if form.is_bound and form.is_valid():
        reviews.record(code, **form.review(), by=request.user.pk)
        messages.success(request, _("It is written down. Thank you."))
        return redirect("mapping:language", code)
    context = {
        "standing": reviews.standing(code),
        "sentences": list(reviews.sentences(code)),
        "direction": "rtl" if code in settings.LANGUAGES_BIDI else "ltr",
        "letters": settings.SCRIPTS.get(code, ""),
        "form": form,
    }
    return render(request, "needs/language_reviews/language.html", context, status=400 if form.is_bound else 200)


@require_POST
@login_required
def drop_review(request: Request, language: str, review: int) -> HttpResponse:
    """Take a review away that was written down by mistake."""
    code = _only(request.user, language)
    if not reviews.take_back(code, review):
        raise Http404
    messages.success(request, _("It is taken away."))
    return redirect("mapping:language", code)
