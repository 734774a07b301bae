"""The content of a digest, limited to what its reader may know. Each part uses the access check of the page that it
links to.

A line names territories, associations, kinds of help and times, never a place, a distance or a person. Numbers are no
finer than on the pages of the reader's role.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mapping.enums import STATUS_KEYS, Status
from mapping.map.pages import zone_list
from mapping.map.releases import reading
from mapping.out.home import cards
from mapping.plans.tour_plans import seat_offers
from needs.enums import Category, NeedState
from needs.help.nearby import nearby
from needs.help.nearby.nearby import MAX_DISTANCE, Wanted
from needs.models import Commitment, Need
from needs.neighbours.local_events import event_access, occurrences
from needs.tours.next_crew_words import crew_words
from solidarity.lib.site import features
from volunteers.models import Territory, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.notifications.content_policy import ForbiddenContent, check_content
from volunteers.places.territories import access, areas, people_counts

MOST_LINES, MOST_TERRITORIES, MOST_COMPARED = 5, 3, 200
STEP = 5
"""People who do not coordinate a territory read the number of its needs in steps of this size."""
COMING = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a digest. lines: the sentences of the section. path, action: the address of the page that shows more,
    and the text of its link."""

    title: str
    lines: list[str]
    path: str
    action: str


def sections_for(user: User, length: timedelta, now: datetime) -> list[Section]:
    """Return the parts of a person's digest about the last ``length``, in the active language; [] if there is nothing
    to say."""
    viewer = Viewer(user)
    places = territories_of(viewer)
    found = [
        *_needs_near(viewer, now - length),
        *_tours(viewer, now),
        *_events(viewer, places, now),
        *_zones(viewer, places, length),
        *_answered(viewer, places, now - length),
        *_words(viewer, places, now - length),
    ]
    news = [part for each in found if features.has_path(each.path) and (part := _checked(each)).lines]
    if news or length >= COMING:  # a count may take months: no reason for a mail each day
        news += [part for each in _count(viewer, places) if (part := _checked(each)).lines]
    return news


def _checked(section: Section) -> Section:
    """Leave out lines that a message may not contain, for example a line with an association that has a number as its
    name."""
    lines = []
    for line in section.lines[:MOST_LINES]:
        try:
            check_content(line)
        except ForbiddenContent:
            continue
        lines.append(line)
    return Section(section.title, lines, section.path, section.action)


def territories_of(viewer: Viewer) -> list[Territory]:
    """Return the territories where a person has a duty and the territories where their associations go, if the person
    may see them now. A territory inside another returned territory is left out."""
    user = viewer.user_or_404
    visible = access.visible_territories(viewer).defer("polygon")
    own = list(visible.filter(assignments__in=user.assignments.current()).distinct().order_by("path"))
    if access.is_member(viewer):
        own += visible.filter(pk__in=[each.pk for each in crew_words.usual(user)])
    found: list[Territory] = []
    for each in own:
        if not any(each.path.startswith(other.path) for other in found):
            found.append(each)
    return found[:MOST_TERRITORIES]


def _needs_near(viewer: Viewer, since: datetime) -> Iterator[Section]:
    """Yield the kinds of help in the new needs that the reader finds in their list. The linked page shows their number
    and distance."""
    based = nearby.base_cell(viewer.user_or_404) is not None
    if not cards.roles_of(viewer, based=based).helps:
        return
    listed = nearby.open_needs(viewer, Wanted())[:MOST_COMPARED]
    near = {row.id: row.kinds for row in listed if row.distance is None or row.distance <= MAX_DISTANCE}
    new = Need.objects.filter(pk__in=list(near), state=NeedState.OPEN, state_at__gte=since).values_list("pk", flat=True)
    kinds = {kind for key in new for kind in near[key]}
    words = [str(each.label) for each in Category if each in kinds]
    if words:
        lines = [_("People near you ask for: %(kinds)s.") % {"kinds": ", ".join(words)}]
        yield Section(_("New needs near you"), lines, reverse("needs:open_needs"), _("See these needs"))


def _tours(viewer: Viewer, now: datetime) -> Iterator[Section]:
    """Yield the tours of the next days with free places. Readers for whom no association vouches see only the day, not
    the hour."""
    shown = "DATETIME_FORMAT" if seat_offers.may_join(viewer) else "DATE_FORMAT"
    lines = []
    for offer in seat_offers.offers_for(viewer, now):
        if offer.mine or not offer.free or not now < offer.plan.start <= now + COMING:
            continue
        facts = [offer.plan.association.name, date_format(timezone.localtime(offer.plan.start), shown)]
        facts += [each.name for each in offer.districts[:1]]
        free = ngettext("%(n)s place free", "%(n)s places free", offer.free) % {"n": offer.free}
        lines.append(" · ".join([*facts, free]))
    yield Section(_("Tours with free places"), lines, reverse("mapping:seats"), _("Join a tour"))


def _events(viewer: Viewer, places: list[Territory], now: datetime) -> Iterator[Section]:
    """Yield the events of the next days in the reader's territories, or else around their base."""
    inside = Q(territory__in=[] if places or access.is_member(viewer) else access.territories_to_join(viewer))
    for each in places:
        inside |= Q(territory__path__startswith=each.path)
    events = event_access.readable(viewer).taking_place(now).filter(inside).prefetch_related("exceptions")
    coming = [each for event in events[:MOST_COMPARED] for each in occurrences.between(event, now, now + COMING)]
    coming = sorted((each for each in coming if not each.cancelled), key=lambda each: each.starts_at)
    lines = [
        f"{each.event.title} · {date_format(timezone.localtime(each.starts_at), 'DATETIME_FORMAT')}" for each in coming
    ]
    yield Section(_("Events near you"), lines, reverse("needs:events"), _("See the events"))


def _zones(viewer: Viewer, places: list[Territory], length: timedelta) -> Iterator[Section]:
    """Yield the zones with a new status in the release that the reader sees, and the number of each status. Statuses of a
    territory without a count are left out, because they depend on a number of people."""
    lines = []
    counted = people_counts.territories_with_source() if places else set()
    for each in places:
        found = reading.read(viewer, each)
        if found.as_of is None or each.pk not in counted:
            continue
        new = found.zones.filter(since__gte=found.as_of - length)
        number = Counter(STATUS_KEYS[Status(status)] for status in new.values_list("status", flat=True))
        facts = [f"{count.label} ({count.zones})" for count in zone_list.tally(number) if count.zones]
        if facts:
            lines.append(f"{each.name} · {'; '.join(facts)}")
    path = reverse("mapping:map", args=[places[0].slug]) if places else ""
    yield Section(_("Zones with a new status"), lines, path, _("See the map"))


def _count(viewer: Viewer, places: list[Territory]) -> Iterator[Section]:
    """Ask for the count of the first territory that has none and that the reader coordinates."""
    for each in places:
        missing = people_counts.to_count(Territory.objects.coordinated_by(viewer).filter(path__startswith=each.path))
        if missing:
            line = _("%(territory)s: nobody entered how many people live there without a home.")
            path = reverse("mapping:count", args=[missing[0].slug])
            yield Section(_("A count is missing"), [line % {"territory": each.name}], path, _("Enter the count"))
            return


def _answered(viewer: Viewer, places: list[Territory], since: datetime) -> Iterator[Section]:
    """Yield the number of needs that were met: the exact number in territories that the reader coordinates, else in
    steps of STEP. Then yield the number of needs that the reader helped with."""
    lines = []
    coordinated = set(
        Territory.objects.coordinated_by(viewer)
        .filter(pk__in=[each.pk for each in places])
        .values_list("pk", flat=True)
    )
    met = Need.objects.live().filter(state=NeedState.MET, state_at__gte=since)
    for each in places:
        number = areas.within(met, each.slug).order_by().count()
        names = {"territory": each.name, "n": number if each.pk in coordinated else number // STEP * STEP}
        if number and each.pk in coordinated:
            lines.append(
                ngettext("%(territory)s: %(n)s need answered", "%(territory)s: %(n)s needs answered", number) % names
            )
        elif number >= STEP:
            lines.append(_("%(territory)s: at least %(n)s needs answered") % names)
    helped = Commitment.objects.of(viewer.user_or_404).filter(need__in=met).values("need").distinct().count()
    if helped:
        lines.append(_("With your help: %(n)s") % {"n": helped})
    yield Section(_("Needs answered"), lines, reverse("needs:commitments"), _("My commitments"))


def _words(viewer: Viewer, places: list[Territory], since: datetime) -> Iterator[Section]:
    """Yield a line with the number of new and unread words to the next crew. The linked page shows the words
    themselves."""
    readable = crew_words.territories_for(viewer).filter(pk__in=[each.pk for each in places])
    lines, path = [], ""
    for each in readable.order_by("path"):
        words = crew_words.words_about(viewer, [each]).filter(at__gte=since)
        number = words.exclude(author=viewer.account).order_by().count()
        if number:
            path = path or reverse("needs:words", args=[each.slug])
            facts = {"territory": each.name, "n": number}
            lines.append(ngettext("%(territory)s: %(n)s new word", "%(territory)s: %(n)s new words", number) % facts)
    yield Section(_("Words from the crews"), lines, path, _("Read them"))
