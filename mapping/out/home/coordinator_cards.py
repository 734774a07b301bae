"""Cards for coordinators: tonight's gaps and tours with the answers of associations, needs, counts that are
missing or do not fit, the unseen estimate, overrides, requests, applications, proposed parameters."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.utils import timezone

from mapping.coverage.unseen import unseen_estimate
from mapping.map.estimates import estimate_presenter
from mapping.map.overrides import override_presenter
from mapping.map.releases import reading
from mapping.map.releases.reading import Reading
from mapping.map.wording import rounding, sentences, zone_names
from mapping.map.wording.rounding import ZoneFigures
from mapping.models import Zone
from mapping.out.home import overview, waiting
from mapping.out.home.cards import Card, Order
from mapping.plans.parameters import versions
from mapping.plans.self_checks import count_alarms, first_visit_wording
from mapping.plans.tour_plans import tonight as nights
from needs.base.event_rights import person_in_charge
from needs.base.event_rights.coordinators import crises_of
from needs.conversations.moderation_desk import case_access
from needs.enums import RequestAnswer
from needs.help.territory_needs import territory_list
from needs.models import TourRequest, TourRequestQuerySet
from solidarity.lib.site import features
from volunteers.models import Association, DutyRequest, Territory
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories import duty_requests, people_counts
from volunteers.site.applications import applying

MOST_GAPS = 4
MOST_PLANS = 4
MOST_OVERRIDES = 3
MOST_REQUESTS = 3
MOST_ASKED = 4
MOST_COUNTS = 3
ANSWERS_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class GapRow:
    """A zone that needs a tour and has none tonight."""

    zone: ZoneFigures
    name: str
    words: sentences.Words


def cards_for(viewer: Viewer, remembered: str | None, now: datetime) -> Iterator[Card]:
    """Yield the cards of a coordinator. remembered: slug of the territory that they viewed last."""
    territory = overview.start_territory(viewer, remembered)
    yield _requests(viewer, territory, now)
    if territory is None:
        return
    if missing := people_counts.to_count(Territory.objects.coordinated_by(viewer)):
        content = {"territory": missing[0], "number": len(missing)}
        yield Card("mapping/home/card_count.html", Order.CALLS, content)
    if doubted := count_alarms.doubted(Territory.objects.coordinated_by(viewer), timezone.localdate(now)):
        rows = [(each, first_visit_wording.words(visits)) for each, visits in doubted[:MOST_COUNTS]]
        yield Card("mapping/home/card_count_doubted.html", Order.CALLS, {"rows": rows})
    several = Territory.objects.coordinated_by(viewer).exclude(path__startswith=territory.path).exists()
    common = {"territory": territory, "several": several}
    yield _tonight(viewer, reading.read(viewer, territory), now, common)
    counts = territory_list.counts(territory)
    order = Order.TONIGHT if sum(counts.values()) else Order.EMPTY
    stages = [(name, counts[name], territory_list.STAGE_LABELS[name]) for name in territory_list.STAGES]
    yield Card("mapping/home/card_territory_needs.html", order, common | {"stages": stages})
    if people_counts.has_source(territory):
        yield _unseen(territory, now, common)
    active = override_presenter.active_in(territory, viewer)
    order = Order.STANDING if active else Order.EMPTY
    content = common | {"rows": active[:MOST_OVERRIDES], "number": len(active)}
    yield Card("mapping/home/card_overrides.html", order, content)


def _tonight(viewer: Viewer, found: Reading, now: datetime, common: dict[str, object]) -> Card:
    """Return the card of tonight's gaps and tours. The card shows the same numbers as the page “Tonight”."""
    planned = nights.plans_of_night(found.territory, nights.this_night(now))
    gaps = nights.gaps(found, planned.cells)
    mine = set(Association.objects.of(viewer.user_or_404).values_list("pk", flat=True))
    content = common | {
        "gaps": _gap_rows(list(gaps[:MOST_GAPS]), found),
        "gap_number": gaps.count(),
        "counted": people_counts.has_source(found.territory),
        "plans": [(plan, plan.association_id in mine) for plan in planned.plans[:MOST_PLANS]],
        "plan_number": len(planned.plans),
        "asked": list(_asked(found.territory, now)[:MOST_ASKED]),
    }
    return Card("mapping/home/card_tonight.html", Order.TONIGHT, content)


def _asked(territory: Territory, now: datetime) -> TourRequestQuerySet:
    """Return the suggested tours that wait for an association's answer or were answered within a day, the latest answer
    first."""
    rows = TourRequest.objects.filter(territory__in=Territory.objects.under(territory).values("pk"))
    current = Q(answer="", start__gt=now - ANSWERS_FOR) | Q(answered_at__gt=now - ANSWERS_FOR)
    news = rows.filter(current).exclude(answer=RequestAnswer.WITHDRAWN).select_related("association")
    return news.order_by(F("answered_at").desc(nulls_last=True), "start")


def _gap_rows(zones: Sequence[Zone], found: Reading) -> list[GapRow]:
    here = found.zones.filter(territory__name__in={zone.territory.name for zone in zones})
    names, rows = zone_names.names_of(here), []  # the same names as in the lists and on the map
    for zone in zones:
        rounded = rounding.figures_of(zone)
        rows.append(GapRow(rounded, names[str(zone.key)], sentences.words_of(rounded, found.detail)))
    return rows


def _unseen(territory: Territory, now: datetime, common: dict[str, object]) -> Card:
    summary = unseen_estimate.summary(territory, now)
    unseen = estimate_presenter.present(summary, territory.name)
    order = Order.STANDING if unseen else Order.EMPTY
    return Card("mapping/home/card_unseen.html", order, common | {"unseen": unseen})


def _requests(viewer: Viewer, territory: Territory | None, now: datetime) -> Card:
    """Return the card of requests for duties, of associations that apply, of events to take charge of, and of
    parameters that the nightly comparison proposes."""
    asked = waiting.anywhere(viewer.user_or_404, now)
    requests = duty_requests.waiting_for(viewer) if asked.duties else DutyRequest.objects.none()
    rows = list(requests[:MOST_REQUESTS])
    applications, proposals, events = [], [], []
    if asked.applications:
        applications = list(applying.waiting_for(viewer).defer("territory__polygon")[:MOST_REQUESTS])
    if asked.proposals and territory and people_counts.has_source(territory):
        proposals = list(versions.open_proposals(territory)[:MOST_REQUESTS])
    if asked.events and features.is_on("crises"):
        events = person_in_charge.without_charge(crises_of(viewer), viewer.user_or_404, now)[:MOST_REQUESTS]
    moderation = case_access.waiting_for(viewer).count() if asked.moderation else 0
    order = Order.STANDING if rows or applications or proposals or moderation else Order.EMPTY
    content = {
        "rows": rows,
        "number": requests.count() if rows else 0,
        "applications": applications,
        "proposals": proposals,
        "events": events,
        "moderation": moderation,
    }
    order = Order.CALLS if events else order
    return Card("mapping/home/card_requests.html", order, content)
