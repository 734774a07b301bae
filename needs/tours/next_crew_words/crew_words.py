"""Words to the next crew: which territories a person may read and write about, and which words concern a tour.

Members of associations, coordinators and dispatchers read and write, as on tonight's page. A word is shown for its
territory, for the territories below it and for the territories above it.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain

from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone

from needs.base.moderated_texts.models import shown
from needs.base.moderated_texts.moderation_codes import ContentKind
from needs.models import NextCrewWord, PlannedTour, Tour, TourCell
from needs.tours.next_crew_words.models import NextCrewWordQuerySet
from solidarity.lib.database.kept_query import KeptValues
from volunteers.enums import Duty
from volunteers.models import Territory, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories import access, areas, duties

MOST, MOST_SHOWN = 100, 5
"""Maximum number of words on the page of a territory, and on other pages."""
NEAR = timedelta(hours=12)
LAST_TOURS = 5
MOST_OFFERED = 100


def territories_for(viewer: Viewer) -> QuerySet[Territory]:
    """Return the territories whose words the viewer may read and write: all for members of associations, else those
    that they coordinate or dispatch for. Return no territories for all other people, and with “view as”."""
    if access.is_member(viewer):
        return Territory.objects.defer("polygon")
    own = (Territory.objects.coordinated_by(viewer), Territory.objects.dispatched_by(viewer))
    return Territory.objects.defer("polygon").filter(Q(pk__in=own[0].values("pk")) | Q(pk__in=own[1].values("pk")))


def territory_or_404(viewer: Viewer, slug: str) -> Territory:
    """Return a territory with words that the viewer may read; raise Http404 for any other."""
    return get_object_or_404(territories_for(viewer), slug=slug)


def words_about(viewer: Viewer, territories: Iterable[Territory]) -> NextCrewWordQuerySet:
    """Return the current words for territories and for the territories below and above them, if the viewer may read
    them; the latest first."""
    about = list(territories)
    if not about:
        return NextCrewWord.objects.none()
    concerned = Q()
    for each in about:
        concerned |= Q(territory__path__startswith=each.path) | Q(territory__path__in=duties.paths_up(each))
    current = NextCrewWord.objects.current(timezone.now()).filter(concerned, _seen_by(viewer))
    return current.filter(territory__in=territories_for(viewer).values("pk")).for_list(viewer.user_or_404)


def word_or_404(viewer: Viewer, word: object) -> NextCrewWord:
    """Return a current word that the viewer may read; raise Http404 otherwise."""
    mine = territories_for(viewer).values("pk")
    current = NextCrewWord.objects.current(timezone.now()).filter(_seen_by(viewer), territory__in=mine)
    return get_object_or_404(current.select_related("territory"), pk=word)


def _seen_by(viewer: Viewer) -> Q:
    """Words that are not kept back, and the viewer's own words."""
    return shown(ContentKind.WORD) | Q(author__isnull=False, author=viewer.account)


def own_word_or_404(viewer: Viewer, word: object) -> NextCrewWord:
    """Return a current word that the viewer may take back; raise Http404 otherwise."""
    found = word_or_404(viewer, word)
    if not may_take_back(viewer, found):
        raise Http404
    return found


def may_take_back(viewer: Viewer, word: NextCrewWord) -> bool:
    """Whether the viewer wrote a word or coordinates its territory."""
    if viewer.account is None or viewer.view_as is not None:
        return False
    own = word.author_id == viewer.account.pk
    return own or Territory.objects.coordinated_by(viewer).filter(pk=word.territory_id).exists()


def of_plan(plan: PlannedTour) -> list[Territory]:
    """Return the territories of a plan; the territory with most of its cells comes first."""
    return areas.territories_of(plan.cells)


def of_tour(tour: Tour) -> list[Territory]:
    """Return the territories of a tour: the territories of its plan and of the cells logged so far; without both, the
    usual territories."""
    planned = PlannedTour.objects.filter(tour=tour).values_list("cells", flat=True).first() or []
    logged = TourCell.objects.filter(tour=tour).values_list("cell", flat=True)
    return areas.territories_of([*planned, *logged]) or usual(tour.author)


def usual(user: User | None) -> list[Territory]:
    """Return the territories where a person's associations plan tours now or went on their last tours."""
    return areas.territories_of(usual_cells(user)) if user is not None else []


def usual_cells(user: User) -> list[int]:
    """Return the cells of these tours, a cell as often as it is planned or was searched: first of the unstarted plans
    within NEAR, then of the last tours."""
    now = timezone.now()
    plans = PlannedTour.objects.of_associations(user).filter(tour=None).on(now - NEAR, now + NEAR).order_by("start")
    last = Tour.objects.live().of_associations(user).order_by("-at")[:LAST_TOURS]
    searched = TourCell.objects.filter(tour__in=last.values("pk")).values_list("cell", flat=True)
    return [*chain.from_iterable(plans.values_list("cells", flat=True)), *searched]


def offered(viewer: Viewer, slug: str = "", usually: Sequence[Territory] | None = None) -> list[Territory]:
    """Return the territories offered in the form: the named territory, the usual territories and the territories of the
    viewer's duties. Without any of these, it is the first territory that the viewer may write about. Raise Http404 if
    there is no such territory. usually: the result of :func:`usual`, if the caller knows it."""
    usually = usual(viewer.account) if usually is None else usually
    allowed = territories_for(viewer)
    named = allowed.filter(slug=slug) if slug else ()
    found = {each.pk: each for each in [*named, *usually, *_of_duties(viewer, allowed)]}
    rows = [*found.values()] or [*allowed.filter(zoned=True)[:MOST_OFFERED]]
    if not rows:
        raise Http404
    return rows


def _of_duties(viewer: Viewer, allowed: QuerySet[Territory]) -> Iterable[Territory]:
    """Return at most MOST_OFFERED of some territories in which the viewer dispatches or coordinates; any of them for
    administrators."""
    if viewer.account is None or viewer.view_as is not None:
        return []
    if viewer.is_administrator:
        return allowed[:MOST_OFFERED]
    keys = [key for (key,) in _DUTIES.rows(user=viewer.account.pk, now=timezone.now())]
    return allowed.filter(pk__in=keys)[:MOST_OFFERED] if keys else []


_DUTIES = KeptValues(
    {"user": -1, "now": datetime(2000, 1, 1, tzinfo=UTC)},
    lambda user, now: (
        Territory.objects.of_duties(user, now, (Duty.DISPATCHER, Duty.COORDINATOR)).order_by().values_list("pk")
    ),
)
