"""The dispatchers' pages of unclear messages: the queue, one dialogue, and what to do with it."""

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from needs.base.dispatch_scope import scope
from needs.base.dispatch_scope.guards import dispatching
from needs.enums import DeskFilter, NeedState
from needs.help.phone_intake import similar_needs
from needs.messages.channels.models import DialogueStep
from needs.messages.dialogue import dialogue_filing
from needs.messages.dialogue.automatic_answers import spoken
from needs.messages.message_desk import desk_holds, message_guess, message_lines, sorting_out, unclear_messages
from needs.messages.message_desk.forms import AnswerForm, AttachForm, HandOverForm, MessageNeedForm, PutAsideForm
from needs.messages.message_desk.ready_questions import ReadyQuestion, question_for
from needs.messages.message_desk.sorting_out import DeskRefused
from needs.models import Dialogue
from solidarity.lib import cache
from solidarity.lib.languages import own_name
from volunteers.people.accounts.http_types import Request
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb


@dispatching
@require_safe
def message_desk(_request: Request) -> HttpResponse:
    """The address of the earlier page of unclear messages: the desk shows them."""
    return _messages_of_desk()


@dispatching
@require_safe
def desk_messages(request: Request, dialogue: uuid.UUID) -> HttpResponse:
    """Show one dialogue. Opening the page takes the dialogue if nobody else is working on it."""
    return show(request, unclear_messages.dialogue_for(request.viewer, dialogue))


def show(request: Request, dialogue: Dialogue, status: int = 200, **bound: forms.Form) -> HttpResponse:
    """Render the page of a dialogue. bound: invalid forms to show again, by name."""
    waits = dialogue.step == DialogueStep.DESK and dialogue.closed_at is None
    lines, language = message_lines.lines_of(dialogue), spoken(dialogue.correspondent)
    seen = {"seen": sum(line.incoming for line in lines)}
    context: dict[str, Any] = {
        "dialogue": dialogue, "lines": lines, "waits": waits, "visit": uuid.uuid4(), "now": timezone.now(),
        "written_in": message_lines.language_of(dialogue), "sent_in": own_name(language),
        "open": waits or (dialogue.need_id is not None and dialogue.closed_at is None), "seen": seen["seen"],
        "answer": AnswerForm(initial=seen, auto_id="answer_%s"), "questions": ReadyQuestion.choices,
    }  # fmt: skip
    if waits:
        guess = message_guess.guess_of(dialogue)
        text = message_lines.text_of(dialogue)
        danger = any(line.dangers for line in lines)
        first = {**guess.initial(), **seen, "text": text, "id": uuid.uuid4()}
        context |= {
            "held": desk_holds.take(dialogue.pk, request.user, timezone.now()),
            "guess": guess,
            "form": MessageNeedForm(initial={**first, **MessageNeedForm.first_answers(danger=danger)}),
            "found": similar_needs.similar_to(
                request.viewer, place=guess.place, place_text=guess.words, kinds=guess.kinds, text=text
            ),
            "open_needs": sorting_out.open_needs_of(dialogue, request.viewer),
            "aside": PutAsideForm(initial=seen, auto_id="aside_%s"),
            "hand": HandOverForm(initial=seen, auto_id="hand_%s", now_in=dialogue.territory_id),
        }
    recording.record(
        request.user, Verb.MESSAGES_READ, "dialogue", dialogue.pk, purpose=Purpose.SORTING,
        scope=dialogue.territory.slug if dialogue.territory else "",
    )  # fmt: skip
    return render(request, "needs/message_desk/desk_messages.html", {**context, **bound}, status=status)


@dispatching
@require_POST
def file_need(request: Request, dialogue: uuid.UUID) -> HttpResponse:
    """File the need that the messages report."""
    found = unclear_messages.dialogue_for(request.viewer, dialogue)
    form = MessageNeedForm(request.POST)
    if not form.is_valid():
        return show(request, found, 400, form=form)
    at = min(found.received.values_list("received_at", flat=True), default=timezone.now())
    draft = form.draft(at=min(at, timezone.now()), contact=dialogue_filing.address_of(found.correspondent))
    try:
        need = sorting_out.file_need(
            found.pk, draft, form.danger, NeedState(form.cleaned_data["ending"]), request.viewer,
            seen=form.cleaned_data["seen"], district=form.district_chosen,
        )  # fmt: skip
    except DeskRefused as refused:
        if refused.refusal is sorting_out.DeskRefusal.SENT_BEFORE:
            form = form.with_new_id()
        return _refused(request, found, refused, form=form)
    messages.success(request, _("The need is saved. The person is thanked in their language."))
    if scope.needs_for(request.viewer).filter(pk=need.pk).exists():
        return redirect("needs:triage_need", need.pk)
    messages.info(request, _("The place is outside your territories: the dispatchers there have it now."))
    return _messages_of_desk()


@dispatching
@require_POST
def attach(request: Request, dialogue: uuid.UUID) -> HttpResponse:
    """Let the messages belong to an open need of the same person."""
    found = unclear_messages.dialogue_for(request.viewer, dialogue)
    form = AttachForm(request.POST, among=sorting_out.open_needs_of(found, request.viewer))
    if not form.is_valid():
        messages.warning(request, _("This need is closed, or not from the same person."))
        return show(request, found, 400)
    data = form.cleaned_data

    def attach_them() -> None:
        sorting_out.attach(found.pk, data["need"], request.user, seen=data["seen"])

    return _done(request, found, attach_them, _("The messages belong to the need now. The person is thanked."))


@dispatching
@require_POST
def answer(request: Request, dialogue: uuid.UUID) -> HttpResponse:
    """Send a ready question, or the dispatcher's own words."""
    found = unclear_messages.dialogue_for(request.viewer, dialogue)
    place = message_guess.guess_of(found).words or (found.need.place_text if found.need else "")
    form = AnswerForm(request.POST, place=place, auto_id="answer_%s")
    if not form.is_valid():
        return show(request, found, 400, answer=form)
    data = form.cleaned_data
    ready = data["ready"] and question_for(found.correspondent, data["ready"])
    try:
        sorting_out.answer(found.pk, ready or data["text"], request.user, seen=data["seen"])
    except DeskRefused as refused:
        return _refused(request, found, refused, answer=form)
    messages.success(request, _("Your message is on its way."))
    return redirect("needs:desk_messages", found.pk)


@dispatching
@require_POST
def put_aside(request: Request, dialogue: uuid.UUID) -> HttpResponse:
    """Close a dialogue that reports no need, with a reason."""
    found = unclear_messages.dialogue_for(request.viewer, dialogue)
    form = PutAsideForm(request.POST, auto_id="aside_%s")
    if not form.is_valid():
        return show(request, found, 400, aside=form)
    data = form.cleaned_data

    def put_them_aside() -> None:
        sorting_out.put_aside(found.pk, data["reason"], request.user, seen=data["seen"])

    return _done(request, found, put_them_aside, _("The messages are put aside."), aside=form)


@dispatching
@require_POST
def hand_over(request: Request, dialogue: uuid.UUID) -> HttpResponse:
    """Hand the messages to the dispatchers of another territory."""
    found = unclear_messages.dialogue_for(request.viewer, dialogue)
    form = HandOverForm(request.POST, auto_id="hand_%s", now_in=found.territory_id)
    if not form.is_valid():
        return show(request, found, 400, hand=form)
    data = form.cleaned_data

    def hand_them_over() -> None:
        sorting_out.hand_over(found.pk, data["territory"], request.user, seen=data["seen"])

    return _done(request, found, hand_them_over, _("The dispatchers there have the messages now."), hand=form)


@dispatching
@require_POST
def contact(request: Request, dialogue: uuid.UUID) -> HttpResponse:
    """Show the person's number or address; the access is logged."""
    found = unclear_messages.dialogue_for(request.viewer, dialogue)
    clear = sorting_out.reveal_address(found, request.user)
    return render(request, "needs/message_desk/desk_contact.html", {"dialogue": found, "contact": clear})


# --- who works on it -------------------------------------------------------------------------------------------------


@dispatching
@require_POST
def hold(request: Request, dialogue: uuid.UUID) -> HttpResponse:
    """Renew the hold of an open page, and show the holder."""
    found = unclear_messages.dialogue_for(request.viewer, dialogue)
    held = desk_holds.take(found.pk, request.user, timezone.now())
    if held.mine and cache.get(_left(request), False):  # the page was closed while its last request was still running
        desk_holds.leave(found.pk, request.user)
        return HttpResponse(status=204)
    return render(request, "needs/message_desk/desk_hold.html", {"dialogue": found, "held": held})


@dispatching
@require_POST
def take_over(request: Request, dialogue: uuid.UUID) -> HttpResponse:
    """Take the messages over from another dispatcher, whose page then shows this."""
    found = unclear_messages.dialogue_for(request.viewer, dialogue)
    desk_holds.take(found.pk, request.user, timezone.now(), over=True)
    return redirect("needs:desk_messages", found.pk)


@dispatching
@require_POST
def leave(request: Request, dialogue: uuid.UUID) -> HttpResponse:
    """Release the messages; the browser sends this request when the page is closed."""
    cache.put(_left(request), True, 60)  # set this first, so that a later renewal sees it
    desk_holds.leave(unclear_messages.dialogue_for(request.viewer, dialogue).pk, request.user)
    return HttpResponse(status=204)


def _left(request: Request) -> str:
    return f"desk-left-{request.user.pk}-{request.POST.get('visit', '')[:36]}"


def _messages_of_desk() -> HttpResponse:
    return redirect(reverse("needs:triage") + f"?only={DeskFilter.MESSAGES}")


def _done(request: Request, found: Dialogue, step: Callable[[], None], words: str, **bound: forms.Form) -> HttpResponse:
    """Take a step that ends the work on a dialogue, and redirect to the queue."""
    try:
        step()
    except DeskRefused as refused:
        return _refused(request, found, refused, **bound)
    messages.success(request, words)
    return _messages_of_desk()


def _refused(request: Request, found: Dialogue, refused: DeskRefused, **bound: forms.Form) -> HttpResponse:
    """Show the page again with the entered values. The messages on it then count as read."""
    messages.warning(request, refused.words)
    found.refresh_from_db()
    for form in bound.values():
        sent: Any = form.data
        form.data = shown = sent.copy()
        shown["seen"] = str(found.received.count())
    return show(request, found, 409, **bound)
