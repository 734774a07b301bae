"""Pages where coordinators open, change, close and reopen events."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from needs.base.event_rights import crisis_access, event_agreements, person_in_charge
from needs.base.event_rights.coordinators import crises_of, leads, led_crisis
from needs.base.event_rights.event_agreements import TakingPart
from needs.base.event_rights.person_in_charge import Charge
from needs.base.undo import offering
from needs.crises import crisis_events
from needs.crises.closing import leftovers, open_reports
from needs.crises.closing.leftovers import ReportsLeft
from needs.crises.closing.open_reports import Counts
from needs.crises.crisis_events import CategoryInUse, Phase
from needs.crises.event_languages import event_texts
from needs.crises.manage_forms import CrisisForm, category_rows, topics_in
from needs.models import Crisis
from volunteers.models import Territory
from volunteers.people.accounts.http_types import Request
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb
from volunteers.people.roles.standing import coordinator_only
from volunteers.places.territories.areas import Area


def crises(request: Request) -> HttpResponse:
    """List the events that the reader coordinates."""
    coordinator_only(request.user)
    now = timezone.now()
    events = crises_of(request.viewer).select_related("author", "closed_by", "in_charge")
    rows = [_row(request, crisis, crisis_events.phase_of(crisis, now)) for crisis in events]
    return render(request, "needs/crises/manage_crises.html", {"rows": rows})


@dataclass(frozen=True, slots=True)
class _Row:
    """An event in the list. link: the address of its public page. language: the first language to translate into.
    charge: None for an event that is over. leads: whether the reader may change, close and reopen it. left: whether
    any report is not closed."""

    crisis: Crisis
    phase: str
    link: str
    language: str
    charge: Charge | None
    counts: Counts
    territories: TakingPart
    leads: bool
    left: bool


def _row(request: Request, crisis: Crisis, phase: Phase) -> _Row:
    return _Row(
        crisis,
        phase.value,
        request.build_absolute_uri(reverse("needs:crisis_report", args=[crisis.slug])),
        event_texts.other_languages(crisis)[0],
        None if phase is Phase.OVER else person_in_charge.charge_of(crisis),
        open_reports.counts_of(crisis_access.reports_of(request.viewer, crisis)),
        event_agreements.taking_part(crisis, request.viewer),
        leads(request.viewer, crisis),
        open_reports.left_of(crisis).exists(),
    )


def new_crisis(request: Request) -> HttpResponse:
    coordinator_only(request.user)
    return _crisis_form_page(request, None)


def change_crisis(request: Request, slug: str) -> HttpResponse:
    return _crisis_form_page(request, led_crisis(request.viewer, slug))


def _crisis_form_page(request: Request, crisis: Crisis | None) -> HttpResponse:
    territories = Territory.objects.coordinated_by(request.viewer).values_list("slug", "name")
    areas = [Area(slug, name) for slug, name in territories]
    form = CrisisForm(request.POST or None, viewer=request.viewer, areas=areas, crisis=crisis)
    rows = category_rows(request.POST or None, crisis)
    if form.is_bound and _is_valid(form, rows):
        event = form.event(topics_in(rows))
        try:
            if crisis:
                crisis_events.change(crisis, event, request.viewer)
                _record(request, Verb.CRISIS_CHANGED, crisis, number_is_enough=event.phone_is_enough)
            else:
                made = crisis_events.open_event(event, request.user.pk)
                _record(request, Verb.CRISIS_OPENED, made, number_is_enough=event.phone_is_enough)
        except CategoryInUse as used:
            form.add_error(
                None, _("“%(names)s” already has reports and cannot be removed.") % {"names": "”, “".join(used.names)}
            )
        else:
            messages.success(request, _("The event is saved. Share the address of its public page."))
            return redirect("mapping:crises")
    context = {"form": form, "rows": rows, "crisis": crisis}
    return render(request, "needs/crises/manage_crisis_form.html", context, status=400 if form.is_bound else 200)


def _record(request: Request, verb: Verb, crisis: Crisis, **details: Any) -> None:
    recording.record(request.user, verb, "crisis", crisis.pk, purpose=Purpose.COORDINATION, details=details)


def _is_valid(form: CrisisForm, rows: Any) -> bool:
    """Return whether both forms are valid. Always check both, so that all errors appear at once."""
    if not all([form.is_valid(), rows.is_valid()]):
        return False
    topics = topics_in(rows)
    if not topics:
        form.add_error(None, _("Enter at least one category."))
    elif len({topic.names["en"] for topic in topics}) < len(topics):
        form.add_error(None, _("Two categories have the same name in English."))
    return form.is_valid()


@require_POST
def close_crisis(request: Request, slug: str) -> HttpResponse:
    """Close an event. If some reports are still open, first ask what happens to each."""
    crisis = led_crisis(request.viewer, slug)
    try:
        closed_at = leftovers.close_without_leftovers(crisis, request.user)
    except ReportsLeft:
        return redirect("mapping:crisis_closing", crisis.slug)
    if closed_at is not None:
        _record(request, Verb.CRISIS_CLOSED, crisis)
        words = _("The event is closed. Its public page now shows where else to report.")
        offering.offer(request, words, "close-crisis", crisis.slug, closed_at.isoformat())
    return redirect("mapping:crises")


@require_POST
def reopen_crisis(request: Request, slug: str) -> HttpResponse:
    crisis = led_crisis(request.viewer, slug)
    crisis_events.reopen(crisis, request.viewer)
    _record(request, Verb.CRISIS_OPENED, crisis, again=True)
    messages.success(request, _("The event accepts reports again."))
    return redirect("mapping:crises")
