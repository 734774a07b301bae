"""The page where an association reads what the self-checks say about its own tours, and answers. Members read it, its
dispatchers answer; everybody else gets 404.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from mapping.map.wording.sentences import whole
from mapping.plans.self_checks import check_wording, findings
from mapping.plans.self_checks.past_checks import SHOWN_DAYS
from needs.base.dispatch_scope.guards import dispatched
from solidarity.lib.pii_check.forms import PiiCheckedForm
from solidarity.lib.pii_check.messages import EVERYTHING
from volunteers.models import Association
from volunteers.people.accounts.http_types import Request
from volunteers.people.associations.models import associations_of


class AnswerForm(PiiCheckedForm, forms.Form):
    """The answer of an association to a finding."""

    pii_checked = {"answer": EVERYTHING}

    answer = forms.CharField(
        label=gettext_lazy("Your answer"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "The coordinators read it beside the finding. Say how you work. Please leave out names and phone numbers."
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def own_check(request: Request, slug: str) -> HttpResponse:
    """Show an association its own self-check; store the answer of a dispatcher."""
    if request.method == "POST":
        association = get_object_or_404(dispatched(request.user), slug=slug)
        kind = request.POST.get("kind", "")
        if not findings.of_association(association).filter(kind=kind).exists():
            raise Http404
        form = AnswerForm(request.POST, prefix=kind)
        if form.is_valid():
            findings.answer(association, kind, form.cleaned_data["answer"], request.user)
            messages.success(request, _("Your answer is saved."))
            return redirect("mapping:own_check", slug=slug)
        return _page(request, association, {kind: form}, 422)
    own = [association for association in associations_of(request.user) if association.slug == slug]
    association = get_object_or_404(Association, pk__in=[each.pk for each in own])
    return _page(request, association, {})


def _page(request: Request, association: Association, forms_sent: dict[str, Any], status: int = 200) -> HttpResponse:
    found = list(findings.of_association(association))
    questions = []
    for kind in dict.fromkeys(notice.kind for notice in found):
        own = [notice for notice in found if notice.kind == kind]
        form = forms_sent.get(kind) or AnswerForm(prefix=kind, initial={"answer": own[0].answer})
        named = [(notice.territory.name, notice.since + findings.ALONE) for notice in own]
        questions.append(
            {"kind": kind, "named": named, "answer": own[0].answer, "form": form, **check_wording.own_words(kind)}
        )
    sums = [
        (row["territory__name"], [whole(row[name]) for name in ("all_tours", "without_time", "all_visits")]
         + [whole(round(row[name])) for name in ("all_expected", "all_met")])
        for row in findings.sums_of(association)
    ]  # fmt: skip
    context = {
        "association": association, "questions": questions, "sums": sums, "days": SHOWN_DAYS,
        "answers": dispatched(request.user).filter(pk=association.pk).exists(),
        "form": next(iter(forms_sent.values()), None),
    }  # fmt: skip
    return render(request, "mapping/self_checks/own_check.html", context, status=status)
