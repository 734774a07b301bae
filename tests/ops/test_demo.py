"""The demonstration: stored once, repeatable, within the rules of real reports, with content on every page."""

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import DjangoDbBlocker, Settings

from mapping.enums import Status
from mapping.models import CellState, Evidence, Parameters, Release, Zone, ZoneReport
from mapping.out.winters import monthly_sums
from mapping.plans.self_checks.past_checks import first_visits_of, past_checks
from needs.base.dispatch_scope import scope
from needs.base.records.declarations import DraftPlace, EncounterDraft
from needs.base.retention_rules import pseudonyms
from needs.crises.event_languages import event_texts
from needs.enums import TAKEABLE_STATES, Channel, CommitmentState, NeedState
from needs.guide.places import opening
from needs.guide.places.place_kinds import NoticeKind, PlaceKind
from needs.help.nearby import nearby
from needs.models import (
    Aid,
    CitizenReport,
    Commitment,
    Crisis,
    Encounter,
    Need,
    NeedStep,
    PlaceConflict,
    PlaceNotice,
    Tour,
    TourCell,
)
from needs.models import Place as GuidePlace
from needs.reports import filing
from solidarity.lib import field_encryption
from solidarity.lib.database.idempotent_insert import InsertResult
from solidarity.ops.demo import arrondissements, demo_crises, people, seeding
from solidarity.ops.demo.narrative.story import PARIS, TEXT_DAYS
from solidarity.ops.demo.narrative.story_builder import build_story
from tests import filing_verbs
from volunteers.enums import Audience
from volunteers.models import Association, Territory, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.roles import standing
from volunteers.places.territories import access, duties, people_counts
from volunteers.places.territories.duties import territory_of

pytestmark = pytest.mark.xdist_group("demo")  # the demonstration is stored once
UNTIL = datetime(2025, 1, 31, 21, 10, tzinfo=PARIS)


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[seeding.Seeded]:
    """The demonstration, stored once for all tests of this module and rolled back after them."""
    from mapping.coverage.cells.coverage_model import Model
    from mapping.models import Parameters

    with django_db_blocker.unblock():
        with transaction.atomic():
            Parameters.objects.get_or_create(territory=None, version=1, defaults={"values": Model().values()})
            yield seeding.seed(90, 1, UNTIL)
            transaction.set_rollback(True)
        connection.close()


@pytest.fixture
def undone(demo: seeding.Seeded) -> Iterator[None]:
    """Roll back the changes of each test."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def login(mailbox: str) -> User:
    return User.objects.get(email=f"{mailbox}@{people.DOMAIN}")


def test_paris_is_there_with_its_twenty_arrondissements(demo: seeding.Seeded) -> None:
    paris = Territory.objects.get(slug="paris")
    districts = Territory.objects.under(paris).zoned()
    assert {district.slug for district in districts} == {f"paris-{number}" for number in range(1, 21)}
    assert paris.expected_persons == 1200
    assert (paris.count_kind, paris.count_error) == ("count", arrondissements.ERROR)
    assert paris.count_source and paris.counted_on
    assert people_counts.to_count(Territory.objects.all()) == []
    assert not districts.exclude(expected_persons=None).exists(), "each takes its share of the count of Paris"
    assert all(0.9 < district.coverage.m0 < 1.3 and district.cells.exists() for district in districts)
    assert "paris.fr" in arrondissements.BOUNDARIES.read_text(encoding="utf-8")[:400]


def test_all_six_statuses_of_a_counted_city_are_on_the_map_and_each_zone_says_what_its_cells_say(
    demo: seeding.Seeded,
) -> None:
    cells = Counter(CellState.objects.values_list("status", flat=True))
    assert set(cells) == set(Status) - {Status.SEARCHED}
    assert min(cells.values()) >= 5
    assert sum(cells.values()) == sum(Zone.objects.live().values_list("cells", flat=True))
    never = CellState.objects.filter(last_search=None)
    assert never.count() > 0.2 * sum(cells.values())
    assert set(never.values_list("status", flat=True)) <= {Status.NOT_SEARCHED, Status.TO_VERIFY}
    assert len(set(Zone.objects.live().values_list("since", flat=True))) > 3


def test_the_middle_is_covered_and_the_west_is_not_searched(demo: seeding.Seeded) -> None:
    def share(status: Status, *numbers: int) -> float:
        territories = Territory.objects.filter(slug__in=[f"paris-{number}" for number in numbers])
        cells = CellState.objects.filter(territory__in=territories.values("pk"))
        return cells.filter(status=status).count() / cells.count()

    assert share(Status.COVERED, 1, 2, 3, 4) > 0.75
    assert share(Status.NOT_SEARCHED, 16) > 0.75
    assert share(Status.COVERED, 15, 16) < 0.15


def test_each_audience_has_a_release_and_the_volunteers_is_a_day_old(demo: seeding.Seeded) -> None:
    assert Release.objects.get(audience=Audience.VOLUNTEER).as_of == UNTIL - timedelta(hours=24)
    assert Release.objects.get(audience=Audience.ASSOCIATION).as_of == UNTIL
    for audience in (Audience.VOLUNTEER, Audience.ASSOCIATION):
        assert Release.objects.get(audience=audience).zones.count() > 50
    public = list(Release.objects.filter(audience=Audience.PUBLIC).order_by("as_of"))
    assert len(public) == seeding.PUBLIC_WEEKS
    # A place must qualify in two releases in a row, so the first release shows none.
    assert [release.places.exists() for release in public] == [False, *[True] * (len(public) - 1)]


def test_the_public_map_has_four_weeks_and_the_last_is_a_week_old(demo: seeding.Seeded) -> None:
    releases = list(Release.objects.public())
    assert len(releases) == seeding.PUBLIC_WEEKS
    assert releases[-1].places.count() > 20
    assert timedelta(days=7) <= UNTIL - releases[-1].as_of < timedelta(days=14)


def test_three_tours_are_under_way_with_encounters_of_the_last_hours(demo: seeding.Seeded) -> None:
    tours = Tour.objects.open()
    assert tours.count() == 3
    for tour in tours:
        met = tour.encounters.all()
        assert met
        assert all(UNTIL - timedelta(hours=3) < one.at <= UNTIL and one.point is not None for one in met)
        assert set(met.values_list("cell", flat=True)) <= set(tour.cells.values_list("cell", flat=True))
    assert tours.filter(author=login("member")).count() == 1


def test_the_members_login_has_encounters_of_its_own_with_their_places(demo: seeding.Seeded) -> None:
    own = Encounter.objects.filter(author=login("member"), filed_at__gt=UNTIL - timedelta(hours=72))
    assert own.count() >= 3
    assert all(one.point is not None for one in own)
    assert Tour.objects.of_associations(login("member")).count() > 50


def test_a_fifth_of_the_tours_logged_no_time(demo: seeding.Seeded) -> None:
    closed = Tour.objects.exclude(ended_at=None)
    unlogged = closed.filter(cells__minutes=None).distinct().count()
    assert 0.12 < unlogged / closed.count() < 0.28
    assert not TourCell.objects.filter(minutes=0).exists()


def test_points_and_texts_are_no_older_than_retention_allows(demo: seeding.Seeded) -> None:
    for model in (Encounter, CitizenReport, Need, Aid):
        rows = model.objects.filter(channel=Channel.DEMO)
        assert rows.filter(point__isnull=False).exists()
        assert not rows.exclude(point=None).filter(filed_at__lt=UNTIL - timedelta(hours=settings.EXACT_POINT_HOURS))
        assert not rows.exclude(fine_cell=None).filter(filed_at__lt=UNTIL - timedelta(days=settings.FINE_CELL_DAYS))
        assert not rows.filter(at__gt=UNTIL).exists()
        assert not rows.filter(filed_at__gt=UNTIL).exists()
        assert not rows.filter(cell=None).exists()
    old = UNTIL - timedelta(days=TEXT_DAYS)
    assert not Encounter.objects.filter(at__lt=old, note_pinned=False).exclude(note="").exists()
    assert not Need.objects.filter(at__lt=old).exclude(text="", contact=None).exists()
    assert Encounter.objects.filter(note_pinned=True).count() >= 8


def test_every_report_lies_in_a_cell_of_paris(demo: seeding.Seeded) -> None:
    cells = set(CellState.objects.values_list("cell", flat=True))
    for model in (Encounter, CitizenReport, Need, Aid, TourCell):
        assert set(model.objects.values_list("cell", flat=True)) <= cells


def test_needs_stand_in_every_state_and_their_steps_lead_there(demo: seeding.Seeded) -> None:
    needs = Need.objects.prefetch_related("steps", "commitments")
    assert {need.state for need in needs} == set(NeedState)
    for need in needs:
        steps = list(need.steps.all())
        moments = [step.at for step in steps]
        assert moments == sorted(moments)
        assert need.at <= moments[0]
        assert moments[-1] <= UNTIL
        assert (need.state, need.state_at) == (steps[-1].state, moments[-1])
        active = [one for one in need.commitments.all() if one.state == CommitmentState.ACTIVE]
        assert len(active) == (need.state == NeedState.COMMITTED)
        assert all(one.expires_at > UNTIL for one in active)
        assert need.follow_hash == filing.follow_hash(filing.follow_token(need.pk))
    assert set(Commitment.objects.values_list("state", flat=True)) == set(CommitmentState)
    assert {one.state for one in login("volunteer").commitments.all()} >= {
        CommitmentState.ACTIVE,
        CommitmentState.DONE,
        CommitmentState.EXPIRED,
    }


def test_promises_of_the_demonstration_agree_with_their_needs_and_leave_the_volunteer_room(
    demo: seeding.Seeded,
) -> None:
    from needs.help.commitments import ending

    for need in Need.objects.filter(state__in=(*TAKEABLE_STATES, NeedState.MET)).exclude(commitments=None).distinct():
        assert ending.state_of_parts(need) == need.state
    held = login("volunteer").commitments.active().count()
    assert 1 <= held < settings.COMMITMENTS_PER_VOLUNTEER
    assert len(nearby.open_needs(Viewer(login("volunteer")), nearby.Wanted())) >= 3


def test_the_coordinator_finds_zone_reports_with_weeks_and_field_notes(demo: seeding.Seeded) -> None:
    reports = {report.territory.slug: report for report in ZoneReport.objects.select_related("territory")}
    assert set(reports) == {"paris", "paris-15"}
    paris = reports["paris"]
    assert paris.author == login("coordinator")
    assert len(paris.payload["weeks"]) == 12
    assert len(paris.payload["notes"]) >= 10
    assert (paris.end - paris.start).days == 83


def test_held_needs_carry_no_evidence_until_a_moderator_has_looked(demo: seeding.Seeded) -> None:
    held = Need.objects.held()
    assert held.count() == 4
    assert not Evidence.objects.filter(report__in=held.values("pk")).exists()
    assert Need.objects.unfinished().count() > held.count() + 10


def test_contacts_are_encrypted_and_readable_with_the_key_alone(demo: seeding.Seeded) -> None:
    stored = [bytes(need.contact) for need in Need.objects.exclude(contact=None) if need.contact is not None]
    assert len(stored) >= 5
    assert all(b"06 39" not in token for token in stored)
    assert all((field_encryption.decrypt(token) or "").startswith("06 39 98 ") for token in stored)


def test_notes_and_needs_pass_for_free_of_names_and_addresses(demo: seeding.Seeded) -> None:
    names = {name for team in people.TEAMS for name in team.members} | {entry.name for entry in people.LOGINS}
    texts = [*Encounter.objects.values_list("note", flat=True), *Need.objects.values_list("text", flat=True)]
    words = {word.strip(".,:;") for text in texts for word in text.split()}
    assert not words & names
    assert not any("@" in text or "06 " in text for text in texts)


def test_the_guide_has_places_with_hours_beds_notices_a_secret_refuge_and_a_conflict(demo: seeding.Seeded) -> None:
    guide = list(GuidePlace.objects.prefetch_related("capacities"))
    assert len(guide) == demo.rows["places"] == 40 and {kind for place in guide for kind in place.kinds} == set(
        PlaceKind
    )
    for place in guide:
        assert opening.opening(place.hours, UNTIL).is_open is not None, place
        assert place.phone.startswith("01 99 00") or not place.phone
        assert territory_of(place.cell) is not None, place
    assert [place.address for place in guide if place.address_hidden] == [""]
    assert {notice.kind for notice in PlaceNotice.objects.in_force(UNTIL)} == set(NoticeKind)
    conflict = PlaceConflict.objects.get()
    assert conflict.ours == conflict.place.hours != conflict.theirs


def test_the_event_has_its_texts_in_every_public_language(demo: seeding.Seeded) -> None:
    crisis = Crisis.objects.get(slug=demo_crises.SLUG)
    assert [(each.code, each.missing) for each in event_texts.states(crisis) if each.missing] == []
    assert len(event_texts.states(crisis)) == 8


def test_each_role_sees_what_it_should(demo: seeding.Seeded) -> None:
    everybody = [login(entry.mailbox) for entry in people.LOGINS]
    volunteer, member, dispatcher, district, coordinator, administrator = everybody
    assert {t.slug for t in access.visible_territories(Viewer(volunteer))} == {"paris-6", "paris-14", "paris-15"}
    assert access.visible_territories(Viewer(member)).count() == 21
    assert dispatcher.memberships.dispatching().exists()
    assert district.memberships.dispatching().exists()
    assert 0 < scope.needs_for(Viewer(district)).count() < scope.needs_for(Viewer(dispatcher)).count()
    assert duties.shift_of(dispatcher) is not None
    assert not member.memberships.dispatching().exists()
    assert standing.is_coordinator(coordinator)
    assert coordinator.assignments.get().purpose
    assert administrator.is_administrator
    assert not any(standing.is_coordinator(user) for user in (volunteer, member, dispatcher))
    for user in everybody:
        assert user.check_password(people.PASSWORD)
        assert EmailAddress.objects.get(user=user).verified
    assert User.objects.filter(email__endswith=f"@{people.DOMAIN}").count() >= 28
    assert Association.objects.filter(slug__in=[team.slug for team in people.TEAMS]).count() == 6


def test_the_rows_are_those_that_filing_would_have_written(undone: None) -> None:
    """The newest reports of each kind, filed again through the ordinary verbs, give the same rows."""
    story = build_story(arrondissements.arrondissements(), 1, 90, UNTIL)
    met = story.met[-1]
    encounter = Encounter.objects.get(pk=met.draft.id)
    extra = filing.Extra(channel=Channel.DEMO, filed_at=met.filed_at, archive=encounter.archive)
    file = partial(
        filing_verbs.log_encounter, association=encounter.association_id, author=encounter.author_id, extra=extra
    )
    assert file(met.draft).stored is InsertResult.SAME
    before = values(Encounter, met.draft.id)
    encounter.delete()
    assert file(met.draft).stored is InsertResult.NEW
    assert values(Encounter, met.draft.id) == before

    asked = next(one for one in story.asked if one.draft.contact and len(one.steps) == 1)
    need = Need.objects.get(pk=asked.draft.id)
    draft = replace(asked.draft, source=pseudonyms.pseudonym(asked.device, asked.draft.at))
    before = values(Need, draft.id)
    need.delete()
    filed = filing_verbs.report_need(
        draft,
        author=need.author_id,
        association=need.association_id,
        extra=filing.Extra(channel=Channel.DEMO, filed_at=draft.at),
    )
    assert filed.stored is InsertResult.NEW
    after = values(Need, draft.id)
    assert (
        field_encryption.decrypt(after.pop("contact"))
        == field_encryption.decrypt(before.pop("contact"))
        == draft.contact
    )
    assert after == before


def values(model: Any, key: Any) -> dict[str, Any]:
    return dict(model.objects.filter(pk=key).values().get())


def test_the_self_checks_of_sixty_days_are_filled(undone: None) -> None:
    found = past_checks(Territory.objects.get(slug="paris"), UNTIL.date())
    assert found.calibration.places > 1000 and found.calibration.enough
    assert found.first is not None and found.last is not None and (found.last - found.first).days > 50


def test_seeding_again_adds_nothing(undone: None) -> None:
    before = counts()
    assert seeding.seed(90, 1, UNTIL).rows == {}
    assert seeding.seed(90, 2, timezone.now()).rows == {}
    assert counts() == before


def counts() -> dict[str, int]:
    models = (Tour, TourCell, Encounter, CitizenReport, Need, NeedStep, Commitment, Aid, User, Territory, ZoneReport)
    return {model.__name__: model.objects.count() for model in models}


def test_the_story_is_the_same_whenever_it_ends() -> None:
    """With another end date, the same seed gives reports with the same ids, and as long before the end."""
    every = arrondissements.arrondissements()
    one, other = (build_story(every, 3, 20, UNTIL - timedelta(days=days)) for days in (0, 40))
    assert [(w.id, UNTIL - w.at, w.cells) for w in one.tours] == [
        (w.id, UNTIL - timedelta(days=40) - w.at, w.cells) for w in other.tours
    ]
    assert [m.draft.id for m in one.met] == [m.draft.id for m in other.met]
    assert [(a.draft.id, a.draft.place, a.draft.kinds) for a in one.asked] == [
        (a.draft.id, a.draft.place, a.draft.kinds) for a in other.asked
    ]
    assert {w.id for w in one.tours}.isdisjoint({w.id for w in build_story(every, 4, 20, UNTIL).tours})


def test_tours_are_walked_when_tours_are_walked() -> None:
    story = build_story(arrondissements.arrondissements(), 3, 20, UNTIL)
    hours = Counter(walk.at.astimezone(PARIS).hour for walk in story.tours if walk.ended_at is not None)
    assert set(hours) <= {6, 7, 8, 13, 14, 15, 19, 20, 21}
    assert sum(hours[hour] for hour in (19, 20, 21)) > 0.6 * sum(hours.values())


@pytest.mark.django_db
def test_outside_a_demonstration_both_commands_refuse(settings: Settings) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="SOLIDARITY_DEMO is off"):
        call_command("seed_demo")
    with pytest.raises(CommandError, match="SOLIDARITY_DEMO is off"):
        call_command("demo_logins")
    assert not Tour.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("until", ["tomorrow", "2025-02-30", "2999-01-01"])
def test_an_end_that_cannot_be_is_refused(settings: Settings, until: str) -> None:
    settings.DEMO = True
    with pytest.raises(CommandError, match="--until"):
        call_command("seed_demo", until=until)


@pytest.mark.django_db
def test_stored_among_real_reports_the_logins_open_nothing(parameters: Parameters, settings: Settings) -> None:
    settings.DEMO = False
    call_command("seed_demo", days=8, until="2025-01-31T20:00", i_know=True, stdout=io.StringIO())
    assert Tour.objects.filter(channel=Channel.DEMO).exists()
    assert not any(user.has_usable_password() for user in User.objects.all())

    # A new start of the demonstration tells the same story, keeps the reports that people filed, and enables the
    # logins.
    settings.DEMO = True
    before, ids = counts(), set(Encounter.objects.values_list("pk", flat=True))
    tour = Tour.objects.open().first()
    assert tour is not None
    draft = EncounterDraft(at=tour.at, place=DraftPlace(48.86, 2.35), persons=2, tour=tour.pk)
    filing_verbs.log_encounter(draft, association=tour.association_id, author=tour.author_id)
    call_command("seed_demo", days=8, until="2025-01-31T20:00", fresh=True, stdout=io.StringIO())
    assert set(Encounter.objects.values_list("pk", flat=True)) == {*ids, draft.id}
    Encounter.objects.filter(pk=draft.id).delete()
    assert counts() == before
    assert all(login(entry.mailbox).check_password(people.PASSWORD) for entry in people.LOGINS)


@pytest.mark.django_db
def test_without_a_demonstration_there_is_no_table_of_logins(settings: Settings) -> None:
    settings.DEMO = True
    with pytest.raises(CommandError, match="no demonstration yet"):
        call_command("demo_logins")


def test_the_table_of_logins_names_each_role_once(undone: None, settings: Settings) -> None:
    settings.DEMO = True
    out = io.StringIO()
    call_command("demo_logins", stdout=out)
    lines = [line.split() for line in out.getvalue().splitlines()]
    roles = ["volunteer", "member", "dispatcher", "district", "coordinator", "administrator"]
    assert [line[0] for line in lines[1:]] == roles
    assert {line[2] for line in lines[1:]} == {people.PASSWORD}


def test_first_visits_say_that_the_count_of_paris_fits(demo: seeding.Seeded) -> None:
    Territory.objects.filter(slug="paris").update(
        count_entered_at=UNTIL - arrondissements.COUNTED_AGO
    )  # told in the past
    visits = first_visits_of(Territory.objects.get(slug="paris"), UNTIL.date())
    assert visits is not None and visits.enough and not visits.alarm
    assert visits.low < 1.0 < visits.high


def test_two_winters_of_paris_can_be_compared(demo: seeding.Seeded) -> None:
    rows = monthly_sums.winters_of(Territory.objects.get(slug="paris"), UNTIL.date())
    for figure in ("hours", "visits", "needs_new", "expected"):
        here, before = [row for row in rows if row.figure == figure][:2]
        assert (here.first, before.first) == (2024, 2023), figure
        assert here.values[0] is not None and before.values[0] is not None and here.values[0] > before.values[0]
        assert None not in before.values and here.values[3] is None, "January is not over"
    assert not [row for row in rows if row.figure == "needs_met"], "fewer than 10 were not met"


def test_the_unseen_estimate_has_a_past_and_needs_come_back(demo: seeding.Seeded) -> None:
    from mapping.coverage.unseen import unseen_estimate
    from mapping.plans.recurring_needs import monthly_counts

    paris = Territory.objects.get(slug="paris")
    standing = unseen_estimate.summary(paris, UNTIL)
    assert standing and standing["day"] == "2025-01-30"
    assert len(standing["over_time"]) >= 20
    assert all(0 < span["low"] < span["persons"] < span["high"] for span in standing["spans"])
    assert monthly_counts.summary(paris, UNTIL)["places"] > 5
