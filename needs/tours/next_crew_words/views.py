"""Pages of words to the next crew: the words about a territory, the form, reading, taking back."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from needs.base.undo import offering
from needs.conversations.moderation.writing_pauses import writes
from needs.reports.danger import shown_numbers
from needs.tours.next_crew_words import crew_words, word_writing
from needs.tours.next_crew_words.forms import NextCrewWordForm
from needs.tours.next_crew_words.word_writing import TooManyWords
from solidarity.lib.http.own_pages import own_page
from volunteers.people.accounts.http_types import Request


@require_safe
def words(request: Request, slug: str) -> HttpResponse:
    """The current words about a territory."""
    found = crew_words.territory_or_404(request.viewer, slug)
    return render(request, "needs/next_crew_words/words_page.html", {"territory": found})


@writes
def write(request: Request) -> HttpResponse:
    """Write a word. The territory may be given in the URL (parameter ``in``)."""
    named = request.POST.get("territory") or request.GET.get("in", "")
    offered = crew_words.offered(request.viewer, named)
    initial = {"id": uuid.uuid4(), "territory": named or offered[0].slug}
    form = NextCrewWordForm(request.POST or None, viewer=request.viewer, territories=offered, initial=initial)
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        shown_numbers.show(request, data["text"])
        try:
            word_writing.write(request.user, data["territory"], data["text"], form.lasts, id=form.minted)
            messages.success(request, _("Your word is shown to the next crews."))
        except TooManyWords as refused:
            messages.warning(request, word_writing.too_many(refused))
        return redirect("needs:words", data["territory"].slug)
    return render(request, "needs/next_crew_words/write.html", {"form": form}, status=400 if form.is_bound else 200)


@require_POST
def read(request: Request, word: uuid.UUID) -> HttpResponse:
    """Mark a word as read, then show the page on which it was shown."""
    found = crew_words.word_or_404(request.viewer, word)
    word_writing.mark_read(found, request.user)
    page = own_page(request)
    return redirect(page) if page else redirect("needs:words", found.territory.slug)


@require_POST
def take_back(request: Request, word: uuid.UUID) -> HttpResponse:
    """Take a word back, as its author or as a coordinator of its territory; the page offers to undo this."""
    found = crew_words.own_word_or_404(request.viewer, word)
    taken_back_at = word_writing.take_back(found, request.user)
    subject = (found.pk, taken_back_at.isoformat())
    offering.offer(request, _("The word to the next crew is taken back."), "take-back-word", *subject)
    return redirect("needs:words", found.territory.slug)
