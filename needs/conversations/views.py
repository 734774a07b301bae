"""The page of a thread, and the list of a person's threads."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from needs.conversations import conversation_presenter, threads, writing
from needs.conversations.forms import MessageForm
from needs.conversations.writing import WritingRefused
from needs.reports.danger import shown_numbers
from volunteers.people.accounts.http_types import Request


@require_safe
def conversations(request: Request) -> HttpResponse:
    """Show the reader's threads, the latest first, with their unread messages."""
    return render(request, "needs/conversations/conversations.html", {"rows": threads.mine(request.viewer)})


def conversation(request: Request, kind: str, about: uuid.UUID) -> HttpResponse:
    """Show the thread of a subject and mark it as read. A POST writes a message."""
    subject, speaker = threads.for_viewer(request.viewer, kind, about, request.GET.get("on", ""))
    form = MessageForm(request.POST or None, subject=subject, speaker=speaker)
    status = 200
    if form.is_bound:
        status = 400
        if form.is_valid():
            data = form.cleaned_data
            shown_numbers.show(request, data["text"])
            try:
                writing.write(
                    subject, speaker, request.user, data["text"], id=data["id"], by_phone=data.get("by_phone", False)
                )
                return redirect(f"{subject.path}#newest")
            except WritingRefused as refused:
                if writing.keep_danger(subject.need, speaker, data["text"], id=data["id"]):
                    messages.warning(request, str(writing.ONLY_DISPATCH))
                    return redirect(f"{subject.path}#newest")
                status = 409
                messages.warning(request, refused.words)
    context = {
        "thread": conversation_presenter.part_of_page(subject, speaker, request.user, form),
        "page": subject.page_for(speaker),
        "closed": subject.is_closed(timezone.now()),
    }
    if request.method == "GET":
        writing.mark_read(subject, request.user)
    return render(request, "needs/conversations/conversation.html", context, status=status)


def crew(request: Request, crew: uuid.UUID) -> HttpResponse:
    """Show the thread of a crew, under the address that notifications of tours contain."""
    return conversation(request, "plan", crew)


@require_POST
def crew_read(request: Request, crew: uuid.UUID) -> HttpResponse:
    """Mark the messages of others as read, from the page of a tour or from tour mode."""
    subject, _speaker = threads.for_viewer(request.viewer, "plan", crew)
    writing.mark_read(subject, request.user)
    return redirect(subject.path)
