"""Storage of the whole demonstration: territories, people, story, zones, releases."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from mapping.coverage.folding.rebuild import recompute_all
from mapping.coverage.unseen import unseen_estimate
from mapping.map.releases import archives, release_filter
from mapping.map.releases.public import publishing, release_schedule
from mapping.models import CitizenRates, MonthlyNeed, PublicWeek, Recompute, Release, RetainedEvidence, Zone, ZoneReport
from mapping.out.report_figures.report_period import Period
from mapping.out.zone_reports.compose import make_report
from mapping.plans.recurring_needs import monthly_counts
from mapping.plans.self_checks import past_days
from solidarity.ops.demo import (
    arrondissements,
    demo_alerts,
    demo_crews,
    demo_crises,
    demo_guide,
    demo_lending,
    demo_loans,
    demo_offers,
    demo_places,
    demo_relief,
    demo_streets,
    demo_triage,
    demo_winters,
    people,
    storing,
)
from solidarity.ops.demo.local_life import demo_events, demo_groups, demo_moderation
from solidarity.ops.demo.narrative.story import PARIS
from solidarity.ops.demo.narrative.story_builder import build_story
from volunteers.models import Territory, User

PUBLIC_WEEKS = 4  # weeks for which the demonstration has a public release
# Days before the end on which zones are drawn, so that their statuses have different ages.
HISTORY_DAYS = (21, 14, 9, 5, 3, 2, 1, 0)
REPORTS = (("paris-15", 4), ("paris", 12))  # zone reports: territory and number of weeks


@dataclass(frozen=True, slots=True)
class Seeded:
    """The stored demonstration. rows: rows created per table, empty if a demonstration already existed."""

    rows: dict[str, int]
    zones: int = 0


def seed(days: int, number: int, until: datetime, *, fresh: bool = False, passwords: bool = True) -> Seeded:
    """Store the demonstration in one transaction, unless one exists.

    days: number of days of the story. number: the seed of the random numbers. until: the end of the story. fresh: if
    True, replace the reports of an existing demonstration. passwords: if True, let people sign in with the public
    password.
    """
    every = arrondissements.arrondissements()
    demo_places.enter(every)  # also in a demonstration that an older version made
    demo_streets.enter(every)
    if storing.exists() and not fresh:
        return Seeded({})
    with transaction.atomic():
        storing.wipe()
        story = build_story(every, number, days, until)
        paris = arrondissements.enter(every)
        cast = people.enter(paris, passwords)
        rows = storing.write(story, cast, until)
        demo_triage.enter(cast, until)
        rows |= demo_crises.enter(cast, paris, until)
        rows |= demo_relief.enter(cast, until)
        rows |= demo_guide.enter(cast, until)
        rows |= demo_events.enter(cast, until)
        run = _zones(paris, until)
        release_filter.publish_all(until)
        _public(until)
        MonthlyNeed.objects.filter(territory__in=Territory.objects.under(paris)).delete()
        monthly_counts.count_months(until, since=(until - timedelta(days=days)).date())
        unseen_estimate.fill(_told_days(days, until), recompute=True)
        past_days.fill(paris, days, until)
        demo_winters.enter(paris, days, until)
        _reports(paris, User.objects.get(pk=cast.logins["coordinator"]), until)
        rows |= demo_offers.enter(cast, number, until)
        rows |= demo_lending.enter(cast, number, until)
        rows |= demo_loans.enter(cast, until)
        rows |= demo_crews.enter(cast, until)
        rows |= demo_groups.enter(cast, paris, until)
        rows |= demo_moderation.enter(cast, until)
        demo_alerts.enter(cast.logins, until)
    return Seeded(rows, run.zones)


def _public(until: datetime) -> None:
    """Replace the public releases by the releases of the last weeks."""
    for old in Release.objects.public():
        archives.drop(old.folder)
    Release.objects.public().delete()
    PublicWeek.objects.all().delete()
    last = release_schedule.week_of(until)
    for weeks in range(PUBLIC_WEEKS - 1, -1, -1):
        publishing.publish_week(release_schedule.before(last, weeks))


def _told_days(days: int, until: datetime) -> list[date]:
    """Return the days with a stored unseen estimate: the last two weeks, and the Sundays of the two months before."""
    last = unseen_estimate.last_day(until)
    every = [last - timedelta(days=back) for back in range(min(days - 28, 70))]
    return [day for back, day in enumerate(every) if back < 14 or day.weekday() == 6]


def _zones(paris: Territory, until: datetime) -> Recompute:
    """Draw the zones on several past days, so that they have a history. If other territories exist, draw them only
    once."""
    alone = not Territory.objects.zoned().exclude(path__startswith=paris.path).exists()
    if alone:
        Zone.objects.live().within(paris).delete()
        RetainedEvidence.objects.all().delete()  # evidence of an earlier demonstration
        CitizenRates.objects.all().delete()
    moments = [until - timedelta(days=days) for days in (HISTORY_DAYS if alone else (0,))]
    runs = [recompute_all(moment, rebuild=moment == moments[0], job="demo") for moment in moments]
    return runs[-1]


def _reports(paris: Territory, author: User, until: datetime) -> None:
    """Replace the zone reports by new reports of the coordinator's login."""
    ZoneReport.objects.filter(territory__in=Territory.objects.under(paris)).delete()
    last = until.astimezone(PARIS).date()
    for slug, weeks in REPORTS:
        period = Period(last - timedelta(weeks=weeks) + timedelta(days=1), last)
        make_report(Territory.objects.get(slug=slug), period, author)
