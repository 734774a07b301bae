"""Agreement of two associations to reports without counts: the coordinator asks, each association answers for itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from mapping.enums import Edition
from mapping.models import ReportAgreement
from mapping.out.report_pages.forms import ReportForm
from mapping.out.zone_reports.external import report_agreements
from mapping.out.zone_reports.external.report_agreements import BothNeeded
from volunteers.models import Association, Membership, Territory
from volunteers.people.accounts.http_types import Request
from volunteers.places.territories.duties import root_of


@dataclass(frozen=True, slots=True)
class PairState:
    """What the coordinator sees of a city with two associations. answers: each association with its answer, None if it
    has not been asked. asked: whether both were asked. agreed: whether both agreed."""

    territory: Territory
    answers: Sequence[tuple[Association, ReportAgreement | None]]
    agreed: bool

    @property
    def asked(self) -> bool:
        return all(answer for _association, answer in self.answers)


def pairs_for(request: Request, form: ReportForm) -> list[PairState]:
    """Return the cities with two associations that the coordinator tried to report on, or whose associations were
    asked."""
    mine = Territory.objects.coordinated_by(request.viewer)
    asked = ReportAgreement.objects.filter(territory__in=mine).values("territory")
    roots = {root.pk: root for root in Territory.objects.filter(pk__in=asked).defer("polygon")}
    chosen = form.cleaned_data if form.is_bound and form.errors.get("start") else {}
    if chosen.get("edition") == Edition.EXTERNAL and chosen.get("territory"):
        root = root_of(chosen["territory"])
        roots[root.pk] = root
    found = []
    for root in roots.values():
        pair = report_agreements.pair_of(root)
        if pair is not None:
            given = {row.association_id: row for row in report_agreements.answers(root, pair)}
            answers = [(association, given.get(association.pk)) for association in pair]
            found.append(PairState(root, answers, report_agreements.both_agreed(root, pair)))
    return found


@require_POST
def ask(request: Request, slug: str) -> HttpResponse:
    """Ask both associations of a city for a report without counts."""
    territory = get_object_or_404(Territory.objects.coordinated_by(request.viewer).defer("polygon"), slug=slug)
    pair = report_agreements.pair_of(territory)
    if pair is None:
        messages.error(request, _("There are not exactly two associations here any more."))
        return redirect("mapping:reports")
    report_agreements.ask(territory, pair)
    messages.success(request, _("Both associations are asked. You are told when one answers."))
    return redirect("mapping:reports")


@require_safe
def agreements(request: Request) -> HttpResponse:
    """The questions to the reader's associations, with their answers."""
    if not Membership.objects.dispatching().filter(user=request.user).exists():
        raise Http404
    return render(request, "mapping/zone_reports/agreements.html", {"rows": report_agreements.of(request.viewer)})


@require_POST
def answer(request: Request, agreement: int) -> HttpResponse:
    """Agree for the reader's association, or withdraw."""
    agrees = request.POST.get("answer") == "agree"
    try:
        found = report_agreements.answer(request.viewer, agreement, agrees=agrees)
    except BothNeeded:
        messages.error(request, _("You answered for the other association. Somebody else has to answer for this one."))
        return redirect("mapping:report_agreements")
    if found is None:
        raise Http404
    messages.success(
        request,
        _("Your association agrees to reports without counts.")
        if agrees
        else _("Your association no longer agrees. Reports that exist stay."),
    )
    return redirect("mapping:report_agreements")
