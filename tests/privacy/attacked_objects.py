"""One object of each kind that has an id, for the attack that enumerates ids. All are in Paris."""

from datetime import timedelta
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from mapping.models import FileImport, ReportAgreement
from mapping.out.file_imports import incoming_files
from mapping.out.file_imports.models import ImportState
from mapping.out.scheduled_reports.models import ReportSchedule
from needs.guide.places import place_entries
from needs.guide.places.free_beds import reservations
from needs.models import (
    Commitment,
    ConditionNote,
    Crisis,
    Dialogue,
    Group,
    GroupMember,
    ImportRun,
    Item,
    ItemPhoto,
    JoinRequest,
    Loan,
    LocalEvent,
    ModerationCase,
    Need,
    NeedAssignment,
    NextCrewWord,
    Offer,
    OfferRequest,
    PersonBlock,
    PlaceCapacity,
    PlaceConflict,
    PlaceMistake,
    PlaceNotice,
    PlannedTour,
    ReliefGroup,
    Tour,
    TourRequest,
    Wish,
)
from needs.neighbours.groups.models import GroupRole
from solidarity.lib import grid
from tests.needs.conversations.message_cases import said
from tests.needs.message_desk.message_cases import waiting
from tests.needs.places.place_cases import values
from volunteers.models import AdministratorChange, Application, Association, Territory, User

SUBJECTS: dict[str, Any] = {
    "commitment": Commitment, "need": Need, "plan": PlannedTour, "tour": Tour, "loan": Loan, "group": Group, "event": LocalEvent
}  # fmt: skip


def real(model: Any, field: str = "pk", **such: Any) -> str:
    found = model.objects.filter(**such).values_list(field, flat=True).order_by("pk").first()
    assert found is not None, f"nothing to attack: {model.__name__}"
    return str(found)


def moderated(territory: Territory, author: User, blocked: User) -> dict[str, list[str]]:
    """A case, a loan that can be reported, and a block."""
    case = ModerationCase.objects.create(kind="item", key="-", author=author, territory=territory)
    hidden = ModerationCase.objects.create(
        kind="wish", key="-", author=author, territory=territory, outcome="hidden", withheld=True
    )
    return {
        "case": [str(case.pk), str(hidden.pk)],
        "block": [str(PersonBlock.objects.create(by=author, blocked=blocked).pk)],
    }


def asked_for_reports(territory: Territory, association: Association) -> dict[str, list[str]]:
    """A question to an association about reports without counts."""
    other = Association.objects.exclude(pk=association.pk).order_by("pk")[0]
    asked = ReportAgreement.objects.create(territory=territory, association=association, other=other)
    return {"agreement": [str(asked.pk)]}


def guide(association: Association, author: User) -> dict[str, list[str]]:
    """A place of the guide with a notice, a reported mistake and a reserved bed."""
    by = place_entries.By(author, association)
    place = place_entries.add(values(association=association.pk, address_hidden=True), by)
    beds = PlaceCapacity.objects.create(place=place, kind="beds", free=2, reservable=True)
    held = reservations.reserve(beds.pk, reservations.Holder(author, association))
    end = timezone.now() + timedelta(hours=5)
    return {
        "pk": [str(place.pk), _event_of_a_group(author)],
        "notice": [str(PlaceNotice.objects.create(place=place, kind="full", end=end).pk)],
        "mistake": [str(PlaceMistake.objects.create(place=place, text="closed on Mondays").pk)],
        "conflict": [
            str(PlaceConflict.objects.create(place=place, source="osm", field="name", ours="a", theirs="b").pk)
        ],
        "reservation": [str(held.pk)],
    }


def _event_of_a_group(author: User) -> str:
    """A round that only the members of a neighbourhood group see."""
    group = Group.objects.create(name="-", territory=Territory.objects.order_by("path")[0], made_by=author)
    start = timezone.now() + timedelta(days=1)
    values = {"kind": "round", "title": "-", "starts_at": start, "ends_at": start + timedelta(hours=1), "seats": 5}
    return str(LocalEvent.objects.create(group=group, author=author, **values).pk)


def lent(association: Association, member: User, volunteer: User, cell: int) -> dict[str, list[str]]:
    """A thing of somebody with a photo, a stocked thing, a wish, and an offer with a request."""
    coarse, later = grid.parent(cell, 8), timezone.now() + timedelta(days=3)
    thing = Item.objects.create(owner=member, category="tent", name="tent", cell=coarse)
    stocked = Item.objects.create(association=association, category="tent", name="tent", cell=coarse)
    wish = Wish.objects.create(owner=member, category="tent", cell=coarse, until=later)
    gift = Offer.objects.create(owner=member, kind="meal", category="food", title="soup", cell=coarse, expires_at=later)
    return {
        "thing": [str(thing.pk), str(stocked.pk)],
        "thing_photo": [str(ItemPhoto.objects.create(item=thing, image="items/none.jpg").pk)],
        "stocked": [str(stocked.pk)],
        **_loan(stocked, volunteer),
        "wish": [str(wish.pk)],
        "gift": [str(gift.pk)],
        "gift_request": [str(OfferRequest.objects.create(offer=gift, asker=volunteer).pk)],
    }


def _loan(item: Item, borrower: User) -> dict[str, list[str]]:
    """A loan with a photo of the thing."""
    today = timezone.localdate()
    period = DateRange(today, today + timedelta(days=3))
    loan = Loan.objects.create(item=item, borrower=borrower, period=period, state="handed_over")
    seen = ConditionNote.objects.create(loan=loan, moment="out", condition="good", photo="loans/none.jpg")
    return {"loan": [str(loan.pk)], "seen": [str(seen.pk)]}


def schedule(territory: Territory, author: User) -> str:
    """A scheduled report."""
    made = ReportSchedule.objects.create(
        territory=territory, author=author, content="internal", rhythm="week", day=0, hour=8, language="en",
        ends_on=timezone.localdate() + timedelta(days=90),
    )  # fmt: skip
    return str(made.pk)


def suggested(association: Association, territory: Territory, author: User, cell: int) -> str:
    """A tour that a coordinator suggests to an association."""
    start = timezone.now() + timedelta(hours=5)
    made = TourRequest.objects.create(
        territory=territory, association=association, author=author, start=start, cells=[cell]
    )
    return str(made.pk)


def word(territory: Territory, association: Association, author: User) -> str:
    until = timezone.now() + timedelta(days=1)
    made = NextCrewWord.objects.create(
        territory=territory, association=association, author=author, text="a word", expires_at=until
    )
    return str(made.pk)


def application(territory: Territory) -> str:
    made = Application.objects.create(
        name="Café", about="-", territory=territory, person="Zoé", email="zoe@attack.example"
    )
    return str(made.pk)


def finished_import(association: Association, territory: Territory, author: User) -> str:
    """An import with its row log, which ended."""
    run = ImportRun.objects.create(profile="mapped", file_name="a.csv", file_hash="-", association=association)
    made = FileImport.objects.create(
        association=association, territory=territory, author=author, file_name="a.csv", size=9, state=ImportState.DONE,
        run=run,
    )  # fmt: skip
    incoming_files.folder_of(made.pk).mkdir(parents=True, exist_ok=True)
    incoming_files.log_path(made).write_text("row,outcome,reasons,report\n")
    return str(made.pk)


def groups(territory: Territory, host: User, asks: User) -> dict[str, list[str]]:
    """A neighbourhood group with its host, a relief group, and requests to join a group and an association."""
    group = Group.objects.create(name="Canal", territory=territory, made_by=host)
    member = GroupMember.objects.create(group=group, user=host, role=GroupRole.HOST)
    asked = JoinRequest.objects.create(group=group, user=asks)
    association = Association.objects.create(slug="asked", name="Asked")
    to_association = JoinRequest.objects.create(association=association, user=asks)
    relief = ReliefGroup.objects.create(crisis=Crisis.objects.order_by("pk")[0], name="Boats", made_by=host)
    return {
        "group": [str(group.pk), str(relief.pk)],
        "group_member": [str(member.pk)],
        "join_request": [str(asked.pk), str(to_association.pk)],
    }


def assigned(need: Need, association: Association, by: User) -> str:
    """A need that waits for the answer of an association."""
    return str(NeedAssignment.objects.create(need=need, association=association, by=by).pk)


def unclear_messages(territory: Territory) -> list[str]:
    """Messages that wait for a dispatcher, and messages that were put aside."""
    aside = waiting(territory, number="+33600000002")
    Dialogue.objects.filter(pk=aside.pk).update(closed_at=timezone.now() - timedelta(days=2))
    return [str(waiting(territory).pk), str(aside.pk)]


def threads(ids: dict[str, list[str]]) -> dict[str, list[str]]:
    """The kinds and ids of subjects whose people write to each other. Each already has a message."""
    group, _relief = ids["group"]
    subjects = {
        "commitment": ids["commitment"][0], "need": ids["need"][0], "plan": ids["plan"][0], "tour": ids["tour"][0],
        "loan": ids["loan"][0], "group": group, "event": ids["pk"][-1],
    }  # fmt: skip
    for kind, key in subjects.items():
        said("volunteer", "in an hour", by_phone=True, **{kind: SUBJECTS[kind].objects.get(pk=key)})
    return {"kind": list(subjects), "about": list(subjects.values())}


def reported(ids: dict[str, list[str]], message: str) -> dict[str, list[str]]:
    """The kinds and ids of texts that only some people see, and that they can report."""
    texts = {
        "loan": ids["loan"][0], "message": message, "event": ids["pk"][-1], "group": ids["group"][0],
        "need": ids["need"][0],
    }  # fmt: skip
    return {"kind": list(texts), "key": list(texts.values())}


def change_of_administrators(person: User) -> str:
    """Return the id of a removal of an administrator that waits for objections."""
    kind = AdministratorChange.Kind.REMOVED
    return str(AdministratorChange.objects.create(kind=kind, person=person, by=person, accepted_at=timezone.now()).pk)
