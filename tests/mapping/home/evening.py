"""A busy evening: something on every card of every person of the cast."""

import uuid
from datetime import timedelta

from django.contrib.gis.geos import Point
from django.utils import timezone

from mapping.coverage.folding import fold, rebuild
from mapping.enums import Status
from mapping.models import FieldNote, Override, UnseenFigure
from needs.base.records.declarations import DraftPlace, EncounterDraft
from needs.enums import CallResult, NeedState
from needs.help.commitments import taking
from needs.models import CallAttempt, Commitment, DangerAlarm, Encounter, Need, PlannedTour, Proposal, Seat, Tour
from needs.reports import filing
from needs.tours import planning
from needs.tours.planning import PlanDraft
from tests import filing_verbs
from tests.needs.conversations.message_cases import said
from tests.needs.triage.triage_cases import reported
from tests.support import Cast, City
from volunteers.enums import Duty
from volunteers.models import Association, Cell, DutyRequest, Profile, Territory, User

NORD, SUD = (48.8660, 2.3500), (48.8560, 2.3500)
SECRETS = ("48.86612", "2.35034", "behind the third tree", "they have a red coat", "+33 6 12 34 56 78")
"""Parts of the point, place text, text and contact of needs."""


def based(user: User, latitude: float = 48.867, longitude: float = 2.351) -> Profile:
    """Enter where somebody helps."""
    return Profile.objects.update_or_create(user=user, defaults={"base": Point(longitude, latitude, srid=4326)})[0]


def secret(place: tuple[float, float] | None = (48.866123, 2.350345), **fields: object) -> Need:
    """File a need with a place, texts and a contact that the home page must not show."""
    values: dict[str, object] = {
        "state": NeedState.OPEN, "text": SECRETS[3], "place_text": SECRETS[2], "contact": SECRETS[4], "persons": 3, **fields,
    }  # fmt: skip
    return reported(place, **values)  # type: ignore[arg-type]


def alarm(place: tuple[float, float] = NORD) -> DangerAlarm:
    return DangerAlarm.objects.create(need=secret(place, state=NeedState.NEW), source="words", flags=["overdose"])


def cells_of(territory: Territory, number: int = 3) -> list[int]:
    return list(Cell.objects.filter(territory=territory).order_by("cell").values_list("cell", flat=True)[:number])


def planned(territory: Territory, association: Association, *, hours: float = 1, seats: int = 0) -> PlannedTour:
    start = (timezone.now() + timedelta(hours=hours)).replace(second=0, microsecond=0)
    draft = PlanDraft(start=start, minutes=90, cells=cells_of(territory), seats=seats)
    return planning.make_plan(draft, association=association.pk, author=None)


def overridden(cast: Cast, cell: int) -> Override:
    now = timezone.now()
    return Override.objects.create(
        cell=cell, at=now, persons=2, status=int(Status.UNCOVERED), reason="seen", association=cast.maraude,
        author=cast.bob, expires_at=now + timedelta(days=2), content_hash="-",
    )  # fmt: skip


def call_due(need: Need, by: User, minutes: int = 10) -> None:
    due = timezone.now() - timedelta(minutes=minutes)
    CallAttempt.objects.create(need=need, by=by, result=CallResult.CALL_LATER, at=due - timedelta(hours=1), next_at=due)


def proposed(need: Need, to: User, hours: float = 3) -> Proposal:
    return Proposal.objects.create(need=need, volunteer=to, expires_at=timezone.now() + timedelta(hours=hours))


def figures(territory: Territory, days: int = 40) -> None:
    """Store unseen figures for some days."""
    today = timezone.localdate()
    UnseenFigure.objects.bulk_create(
        UnseenFigure(
            territory=territory, day=today - timedelta(days=back), days=span, persons=60 - back / 2, low=40, high=80, cells=30,
        )
        for back in range(1, days)
        for span in (14, 28)
    )  # fmt: skip


def entered(cast: Cast, persons: int = 3, hours_ago: float = 2) -> Encounter:
    at = timezone.now() - timedelta(hours=hours_ago)
    draft = EncounterDraft(at=at, place=DraftPlace(*NORD), persons=persons, given=["food"], note=SECRETS[3])
    filed = filing_verbs.log_encounter(draft, association=cast.maraude.pk, author=cast.bob.pk)
    return Encounter.objects.get(pk=filed.id)


def on_tour(user: User, association: Association) -> Tour:
    began = timezone.now() - timedelta(minutes=40)
    return Tour.objects.get(pk=filing.start_tour(association=association.pk, author=user.pk, at=began).id)


def held(need: Need, by: User) -> Commitment:
    return taking.take(need, by)


def noted(cast: Cast, territory: Territory, text: str = "The gate at the canal is locked after ten.") -> FieldNote:
    return FieldNote.objects.create(
        cell=cells_of(territory, 1)[0], territory=territory, text=text, author=cast.bob, association=cast.maraude,
        expires_at=timezone.now() + timedelta(days=9), id=uuid.uuid4(),
    )  # fmt: skip


def busy_evening(city: City, cast: Cast) -> None:
    """Store something for every card. Alice helps near Nord; Bob is on a tour; Carol has calls to make."""
    rebuild.recompute_all(rebuild=True)
    based(cast.alice)
    for number in range(6):
        secret((48.8640 + number / 1000, 2.3500), hours_ago=number + 1, urgency="now" if number % 2 else "soon")
    for state in (NeedState.NEW, NeedState.VERIFIED, NeedState.HELD, NeedState.REOPENED):
        secret(state=state, hours_ago=60)
    secret(None, state=NeedState.NEW)
    secret(SUD, state=NeedState.NEW)
    alarm(), alarm()
    open_needs = list(Need.objects.takeable().order_by("at"))
    proposed(open_needs[0], cast.alice, 3), proposed(open_needs[1], cast.alice, 1)
    own = held(open_needs[2], cast.alice)
    said("volunteer", "in an hour", commitment=own, by_phone=True)
    held(open_needs[3], cast.bob)
    for need in Need.objects.filter(state=NeedState.VERIFIED):
        call_due(need, cast.carol)
    Seat.objects.create(plan=planned(city.nord, cast.maraude, hours=2, seats=3), volunteer=cast.alice)
    planned(city.nord, cast.other, hours=30, seats=2)
    on_tour(cast.bob, cast.maraude)
    entered(cast), entered(cast, 0, 5), entered(cast, 2, 26), entered(cast, 1, 50)
    noted(cast, city.nord)
    overridden(cast, cells_of(city.nord, 8)[7])
    fold.fold_outbox()
    figures(city.root)
    DutyRequest.objects.create(user=cast.bob, territory=city.nord, duty=Duty.DISPATCHER)
