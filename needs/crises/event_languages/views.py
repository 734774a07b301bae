"""The page on which those who lead an event enter its texts in each language."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from needs.base.event_rights.coordinators import led_crisis
from needs.crises.event_languages import event_texts
from needs.crises.event_languages.forms import EventLanguageForm
from solidarity.lib import languages
from volunteers.people.accounts.http_types import Request
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb


def event_texts_page(request: Request, slug: str, language: str) -> HttpResponse:
    """Show and store the texts of an event in one language."""
    crisis = led_crisis(request.viewer, slug)
    if language not in event_texts.other_languages(crisis):
        raise Http404
    form = EventLanguageForm(request.POST if request.method == "POST" else None, crisis=crisis, code=language)
    if form.is_bound and form.is_valid():
        event_texts.store(crisis, language, form.texts, form.names)
        recording.record(
            request.user, Verb.CRISIS_CHANGED, "crisis", crisis.pk,
            purpose=Purpose.COORDINATION, details={"language": language},
        )  # fmt: skip
        messages.success(request, _("The texts are saved."))
        return redirect("mapping:crisis_texts", crisis.slug, language)
    context = {
        "crisis": crisis,
        "form": form,
        "code": language,
        "own_name": languages.own_name(language),
        "states": event_texts.states(crisis),
    }
    status = 400 if form.is_bound else 200
    return render(request, "needs/crises/event_languages/event_texts.html", context, status=status)
