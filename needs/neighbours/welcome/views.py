"""Pages of the first hour: three questions, then the choice to go with an association or alone."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from needs.neighbours.welcome import first_steps
from needs.neighbours.welcome.first_steps import Step
from needs.neighbours.welcome.forms import FORMS
from volunteers.people.accounts.http_types import Request
from volunteers.people.associations import invitations
from volunteers.people.notifications import preferences
from volunteers.people.vouching.forms import VouchForm
from volunteers.people.vouching.vouch_views import send_request

_PAGES = {
    Step.WHERE: "needs/welcome/where.html",
    Step.WHEN: "needs/welcome/when.html",
    Step.WHAT: "needs/welcome/what.html",
}


def welcome(request: Request) -> HttpResponse:
    """Redirect to the first question without an answer."""
    left = first_steps.open_steps(first_steps.profile_of(request.user))
    return redirect("needs:welcome_step", left[0]) if left else redirect("needs:welcome_together")


def welcome_step(request: Request, step: str) -> HttpResponse:
    """Ask one question. Next, Back and Skip are buttons of the form, so that each of them keeps what was entered."""
    if step not in [*Step]:
        raise Http404
    own = Step(step)
    posted = request.method == "POST"
    form = FORMS[own](request.POST if posted else None, profile=first_steps.profile_of(request.user))
    if posted:
        way = request.POST.get("way", "next")
        if form.is_valid():
            form.store(request.user)
        elif way == "next" or (way == "back" and not form.is_empty):
            return _ask(request, own, form, 400)
        return _go_on(own, way)
    return _ask(request, own, form)


def _ask(request: Request, step: Step, form: object, status: int = 200) -> HttpResponse:
    context = {"step": step, "steps": [*Step], "form": form}
    return render(request, _PAGES[step], context, status=status)


def _go_on(step: Step, way: str) -> HttpResponse:
    after = step.before if way == "back" else step.after
    if after is not None:
        return redirect("needs:welcome_step", after)
    return redirect("home") if way == "back" else redirect("needs:welcome_together")


def welcome_together(request: Request) -> HttpResponse:
    """Offer to ask an association, or to go on alone. Both choices lead to the home page, which shows the next step."""
    form = VouchForm(request.POST if request.method == "POST" else None, user=request.user)
    if form.is_valid():
        send_request(request, form)
        return redirect("home")
    status = 400 if form.is_bound else 200
    asked = preferences.digest_of(preferences.chosen_by(request.user))
    context = {"form": form, "invited": invitations.waiting_for(request.user), "offer_digest": not asked}
    return render(request, "needs/welcome/together.html", context, status=status)
