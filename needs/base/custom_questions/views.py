"""The page where dispatchers edit the custom questions of their association."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from needs.base.custom_questions import question_sets
from needs.base.custom_questions.forms import EditorForm, rows_for
from needs.base.dispatch_scope.guards import association_dispatching, dispatched
from volunteers.people.accounts.http_types import Request


@association_dispatching
def edit(request: Request, association: str = "") -> HttpResponse:
    """Edit the questions of one of the user's associations. Saving stores a new version; older answers still refer to
    their version."""
    every = list(dispatched(request.user).order_by("name"))
    own = get_object_or_404(dispatched(request.user), slug=association) if association else every[0]
    asked = question_sets.current(own)
    form = EditorForm(request.POST or None, initial={"after": asked.version if asked else 0})
    rows = rows_for(asked, request.POST or None)
    if request.method == "POST" and form.is_valid() and rows.is_valid():
        try:
            made = question_sets.edit(own, rows.drafts(), after=form.cleaned_data["after"], author=request.user)
        except question_sets.Overtaken:
            messages.error(
                request, _("Somebody else has changed the questions in the meantime. Here is their version.")
            )
        else:
            messages.success(
                request, _("Saved. These questions are asked from now on.") if made else _("Nothing was changed.")
            )
        return redirect("needs:questions_of", own.slug)
    context = {
        "own": own,
        "others": [each for each in every if each != own],
        "asked": asked,
        "form": form,
        "rows": rows,
    }
    return render(
        request, "needs/custom_questions/questions.html", context, status=400 if request.method == "POST" else 200
    )
