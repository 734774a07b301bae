"""Pages to report a text, to see decisions about one's own texts, to manage blocks, and to read the public figures."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from needs.base.moderated_texts.moderation_codes import HIDING, ReportReason
from needs.conversations.moderation import cases, contents, person_blocks, public_figures, writing_pauses
from needs.conversations.moderation.contents import Content
from needs.conversations.moderation_desk import deciding
from needs.conversations.moderation_desk.content_report_forms import AppealForm, ReportContentForm
from needs.models import ModerationCase, Need, PersonBlock
from needs.reports import filing
from solidarity.lib.languages import in_public_languages
from solidarity.lib.site import features
from volunteers.people.accounts.http_types import Request
from volunteers.people.api.page_throttling import limited_by
from volunteers.people.api.throttling import AccountWrites, AnonymousWrites

MOST_SHOWN = 50
NOT_A_PERSON = ("reporter", "desk", "coordination")
"""Speakers who write for a role, or without an account: nobody blocks them as a person."""


@in_public_languages
@limited_by(AnonymousWrites, AccountWrites)
def report(request: Request, kind: str, key: str) -> HttpResponse:
    """Report a text that the reader sees, with an account or without.

    Answer 404 both for a text that does not exist and for a text that they do not see.
    """
    content, token = _seen(request, kind, key)
    form = ReportContentForm(request.POST or None)
    if form.is_bound and form.is_valid():
        by = request.user if request.user.is_authenticated else None
        try:
            if not form.trapped:
                cases.report(content, by, form.cleaned_data["reason"], form.cleaned_data["words"])
        except cases.TooManyReports:
            form.add_error(None, _("You have reported many texts today. Please try again tomorrow."))
            return _report_page(request, content, token, form, 429)
        return redirect(_with_token(reverse("needs:content_reported", args=[kind, key]), token))
    return _report_page(request, content, token, form, 400 if form.is_bound else 200)


@in_public_languages
@require_safe
def reported(request: Request, kind: str, key: str) -> HttpResponse:
    """Thank the reader for a report, and offer to block the author."""
    content, token = _seen(request, kind, key)
    context = {"content": content, "blockable": _person(request, content) is not None, "token": token}
    return render(request, "needs/moderation/reported.html", context)


@require_POST
def block(request: Request, kind: str, key: str) -> HttpResponse:
    """Block the author of a text that the reader sees."""
    content, _token = _seen(request, kind, key)
    person = _person(request, content)
    if person is None:
        raise Http404
    person_blocks.block(request.user, person, content.kind)
    messages.success(request, _("You and this person can no longer contact each other. They are not told."))
    return redirect("needs:blocked_people")


@require_safe
def blocked(request: Request) -> HttpResponse:
    """The reader's own blocks. The list names nobody, so that a block does not reveal who wrote a text."""
    rows = PersonBlock.objects.filter(by=request.user).order_by("-at")
    return render(request, "needs/moderation/blocked.html", {"rows": rows})


@require_POST
def unblock(request: Request, block: int) -> HttpResponse:
    if not person_blocks.unblock(request.user, block):
        raise Http404
    messages.success(request, _("The block is over."))
    return redirect("needs:blocked_people")


@require_safe
def own_cases(request: Request) -> HttpResponse:
    """Show which of the reader's own texts are held or hidden, and until when the reader may not write."""
    return _own_cases(request)


@require_POST
def appeal(request: Request, case: uuid.UUID) -> HttpResponse:
    own = get_object_or_404(ModerationCase.objects.told_to(request.user).filter(outcome__in=HIDING), pk=case)
    form = AppealForm(request.POST, prefix=str(own.pk))
    if not form.is_valid():
        return _own_cases(request, own, form)
    if deciding.appeal(own, request.user, form.cleaned_data["words"]):
        messages.success(request, _("Another moderator will read your appeal. You will get a message."))
    else:
        messages.warning(request, _("You have already appealed against this decision."))
    return redirect("needs:own_cases")


@in_public_languages
@cache_control(max_age=3600)
@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """The public figures of moderation, by month."""
    return render(request, "needs/moderation/figures.html", {"months": public_figures.published()})


def _own_cases(request: Request, failed: ModerationCase | None = None, form: AppealForm | None = None) -> HttpResponse:
    rows: list[dict[str, Any]] = []
    for case in ModerationCase.objects.told_to(request.user).order_by("-opened_at")[:MOST_SHOWN]:
        found = contents.find(case.kind, case.key)
        open_to_appeal = case.outcome in HIDING and case.appealed_at is None
        own = form if failed is not None and case.pk == failed.pk else AppealForm(prefix=str(case.pk))
        rows.append({"case": case, "content": found, "form": own if open_to_appeal else None})
    context = {"rows": rows, "paused_until": writing_pauses.paused_until(request.user)}
    return render(request, "needs/moderation/own_cases.html", context, status=400 if form else 200)


def _report_page(request: Request, content: Content, token: str, form: ReportContentForm, status: int) -> HttpResponse:
    context = {"content": content, "form": form, "reasons": ReportReason.choices, "token": token}
    return render(request, "needs/moderation/report.html", context, status=status)


def _seen(request: Request, kind: str, key: str) -> tuple[Content, str]:
    """Return a text that the reader may report, and the token of their private link; raise Http404 otherwise."""
    token = request.GET.get("follow", "")
    need = Need.objects.filter(follow_hash=filing.follow_hash(token)).first() if token else None
    content = contents.find(kind, key) if features.has("moderated", kind) else None
    if content is None or not contents.may_report(content, request.viewer, need):
        raise Http404
    return content, token


def _with_token(path: str, token: str) -> str:
    return f"{path}?{urlencode({'follow': token})}" if token else path


def _person(request: Request, content: Content) -> Any:
    """Return the person whom the reader can block: the author, unless they wrote in a role."""
    if not request.user.is_authenticated:
        return None
    author = content.author
    if (accused := contents.rules_of(content.kind).author_for) is not None:
        author = accused(content.row, request.user)[0]
    for_a_role = content.kind in ("notice", "place", "crisis", "need", "word")
    if author is None or for_a_role or getattr(content.row, "speaker", "") in NOT_A_PERSON:
        return None
    return author
