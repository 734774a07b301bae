"""Pages about duties. A coordinator answers requests and gives duties; anybody who is signed in can ask for a duty."""

import functools
import uuid
from collections.abc import Callable
from typing import Any, Concatenate

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from volunteers.enums import Duty
from volunteers.models import Assignment, Membership, User
from volunteers.people.accounts import reauthentication
from volunteers.people.accounts.http_types import Request
from volunteers.people.roles.standing import coordinator_only
from volunteers.places.territories import duties as verbs
from volunteers.places.territories import duty_requests, factor_reset
from volunteers.places.territories.duty_forms import AskForm, GiveForm, PurposeForm
from volunteers.places.territories.duty_requests import DutyRefusal, DutyRefused


def coordinating[**P](view: Callable[Concatenate[Request, P], HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate a view for coordinators and administrators. The view requires sign-in, responds 404 to everybody else,
    and is never cached."""

    @functools.wraps(view)
    def guarded(request: Request, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        coordinator_only(request.user)
        if request.viewer.view_as is not None:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@coordinating
def duties(request: Request) -> HttpResponse:
    """Show requests, the people on duty, and people with their duties. A POST gives or ends a duty of the selected
    people."""
    if request.method != "POST":
        return _page(request, GiveForm(request.viewer))
    form = GiveForm(request.viewer, request.POST)
    if not form.is_valid():
        return _page(request, form, status=400)
    reauthentication.require(request)
    data = form.cleaned_data
    people, territory, duty = list(data["people"]), data["territory"], Duty(data["duty"])
    if data["action"] == "end":
        done = duty_requests.end(people, territory, duty, request.user)
    else:
        done = duty_requests.give(people, territory, duty, request.user, data["purpose"], data["until"])
    _show(request, done)
    return redirect("territories:duties")


def _show(request: Request, done: duty_requests.Given) -> None:
    if done.changed:
        text = ngettext("Changed for %(n)d person.", "Changed for %(n)d people.", done.changed)
        messages.success(request, text % {"n": done.changed})
    elif not done.refused:
        messages.info(request, _("Nothing was changed."))
    if done.refused:
        names = ", ".join(str(person) for person in done.refused)
        said = _("Dispatchers are members of an association. An association has to invite them first:")
        messages.warning(request, f"{said} {names}")


def _page(request: Request, form: GiveForm, status: int = 200) -> HttpResponse:
    said = request.GET.get("q", "").strip()[:120]
    people = list(duty_requests.people_for(request.viewer, said)[: duty_requests.MAX_PEOPLE])
    chosen = set(form.data.getlist("people")) if form.is_bound else set()  # type: ignore[attr-defined]
    context = {
        "requests": duty_requests.waiting_for(request.viewer),
        "shifts": duty_requests.on_duty_for(request.viewer),
        "rows": _rows(request, people),
        "chosen": chosen,
        "form": form,
        "said": said,
    }
    return render(request, "volunteers/territories/duties.html", context, status=status)


def _rows(request: Request, people: list[User]) -> list[dict[str, Any]]:
    """Return one row per person: their associations, their duties in the reader's territories, and what the reader may
    do."""
    mine = list(duty_requests.assignments_for(request.viewer).filter(user__in=people))
    ends = {row.pk for row in mine}
    territories = duty_requests.territories_for(request.viewer, Duty.VOLUNTEER)
    held = Assignment.objects.current().filter(user__in=people, territory__in=territories).select_related("territory")
    with_factor = factor_reset.with_factor(people)
    belongs = Membership.objects.current().filter(user__in=people).select_related("association")
    return [
        {
            "person": person,
            "key": str(person.key),
            "associations": [row.association for row in belongs if row.user_id == person.pk],
            "duties": [(row, row.pk in ends) for row in held if row.user_id == person.pk],
            "may_reset": person.pk in with_factor and factor_reset.may_reset(request.viewer, person),
        }
        for person in people
    ]


@coordinating
@require_POST
def answer(request: Request, asked: uuid.UUID) -> HttpResponse:
    """Accept or decline a request."""
    found = get_object_or_404(duty_requests.waiting_for(request.viewer), pk=asked)
    accept, form = request.POST.get("answer") == "accept", PurposeForm(request.POST)
    if accept and not form.is_valid():
        messages.error(request, " ".join(str(error) for error in form.errors.get("purpose", [])))
        return redirect("territories:duties")
    if accept:
        reauthentication.require(request)
    try:
        purpose = form.cleaned_data["purpose"] if accept else ""
        done = duty_requests.answer(found.pk, request.user, accept=accept, purpose=purpose)
    except DutyRefused as refused:
        if refused.why is DutyRefusal.NOT_MEMBER:
            _show(request, duty_requests.Given(0, (found.user,)))
        else:
            messages.error(request, _refused(refused.why))
        return redirect("territories:duties")
    if done is None:
        messages.info(request, _("Somebody else has already answered."))
    else:
        messages.success(request, _("The request is accepted.") if accept else _("The request is declined."))
    return redirect("territories:duties")


@coordinating
@require_POST
def end(request: Request, assignment: int) -> HttpResponse:
    """End one duty of one person."""
    found = get_object_or_404(duty_requests.assignments_for(request.viewer), pk=assignment)
    reauthentication.require(request)
    verbs.end(found, request.user)
    messages.success(request, _("The duty has ended. You can give it again on this page."))
    return redirect("territories:duties")


@coordinating
def reset_factor(request: Request, person: uuid.UUID) -> HttpResponse:
    """Reset the lost second factor of a dispatcher, after a confirmation."""
    found = get_object_or_404(User.objects.filter(is_active=True), key=person)
    if not factor_reset.may_reset(request.viewer, found):
        raise Http404
    if request.method == "POST":
        reauthentication.require(request)
        if factor_reset.reset(found, request.user):
            messages.success(
                request, _("The second factor is reset. The person sets up a new one at the next sign-in.")
            )
        else:
            messages.info(request, _("This person has no second factor."))
        return redirect("territories:duties")
    context = {"person": found, "has_factor": factor_reset.has_factor(found)}
    return render(request, "volunteers/territories/reset_factor.html", context)


def ask(request: Request) -> HttpResponse:
    """Ask for a duty in a territory."""
    member = Membership.objects.current().filter(user=request.user).exists()
    form = AskForm(request.POST or None, initial={"duty": Duty.DISPATCHER if member else Duty.VOLUNTEER})
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        try:
            duty_requests.ask(request.user, data["territory"], Duty(data["duty"]), data["text"])
        except DutyRefused as refused:
            form.add_error("duty", _refused(refused.why))
        else:
            messages.success(request, _("Your request is sent. A coordinator answers it."))
            return redirect("volunteers:me")
    return render(request, "volunteers/territories/ask.html", {"form": form}, status=400 if form.is_bound else 200)


def _refused(why: DutyRefusal) -> str:
    return {
        DutyRefusal.NOT_MEMBER: _("Dispatchers are members of an association. Ask an association to invite you first."),
        DutyRefusal.NO_PURPOSE: _("Say what the person coordinates, and why."),
        DutyRefusal.ALREADY_ASKED: _("You have already asked for this duty. A coordinator will answer."),
        DutyRefusal.HELD: _("You already have this duty."),
    }[why]
