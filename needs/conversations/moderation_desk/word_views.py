"""The page of held words, for administrators and coordinators: list, add, remove, try a sentence."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from needs.conversations.moderation import held_words
from needs.conversations.moderation_desk import case_access
from needs.conversations.moderation_desk.forms import HeldWordForm, TryForm, languages
from needs.models import HeldWord
from volunteers.people.accounts.http_types import Request


def words(request: Request) -> HttpResponse:
    """List the held words, and add one."""
    user = case_access.moderator_only(request.viewer)
    form = HeldWordForm(request.POST or None)
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        if held_words.add(data["word"], data["language"], whole=data["whole"], by=user):
            messages.success(request, _("Texts with this word now wait for a moderator."))
            return redirect("needs:held_words")
        form.add_error("word", _("This word is in the list already, or it has no letters. Write another one."))
    return _page(request, form, TryForm(), status=400 if form.is_bound else 200)


@require_POST
def try_text(request: Request) -> HttpResponse:
    """Show which held words a sentence contains. Nothing of it is stored."""
    case_access.moderator_only(request.viewer)
    form = TryForm(request.POST)
    if not form.is_valid():
        return _page(request, HeldWordForm(), form, status=400)
    found = held_words.found_in(form.cleaned_data["text"])
    return _page(request, HeldWordForm(), form, tried=True, found=found)


@require_POST
def remove(request: Request, held: int) -> HttpResponse:
    user = case_access.moderator_only(request.viewer)
    if not held_words.remove(held, user):
        raise Http404
    messages.success(request, _("Texts with this word no longer wait."))
    return redirect("needs:held_words")


def _page(
    request: Request, form: HeldWordForm, try_form: TryForm, *, tried: bool = False, found: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    names = dict(languages())
    rows = [(row, names.get(row.language, row.language)) for row in HeldWord.objects.all()]
    context = {"rows": rows, "form": form, "try_form": try_form, "tried": tried, "found": found or []}
    return render(request, "needs/moderation/words.html", context, status=status)
