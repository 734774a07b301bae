"""A small city for the access matrix. Every kind of object that has a URL exists twice: one active, one ended.

Everything belongs to Nord, to Maraude du Nord, and to Alice or Carol (see ROLES).
"""

import io
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.contrib.gis.geos import Point
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image

from mapping.coverage.folding import fold
from mapping.enums import ExportFormat, ExportKind, ExportState, FeedScope
from mapping.map.releases import release_filter
from mapping.models import (
    Export,
    FieldNote,
    FileImport,
    Override,
    Parameters,
    QuotedNote,
    ReportAgreement,
    Zone,
    ZoneReport,
)
from mapping.out.calendar_feeds import feed_addresses
from mapping.out.calendar_feeds.feed_addresses import Source
from mapping.out.exports import export_jobs
from mapping.out.file_imports import incoming_files
from mapping.out.file_imports.models import ImportState
from mapping.out.report_figures.report_period import Period
from mapping.out.scheduled_reports import report_recipients
from mapping.out.zone_reports.compose import make_report
from mapping.plans.territory_setup import border_drafts
from needs.base.dispatch_scope import sharing
from needs.base.records.declarations import DraftPlace, EncounterDraft, NeedDraft
from needs.crises import crisis_events
from needs.doors.language_reviews import reviews
from needs.enums import NeedState, ReportKind
from needs.guide.places import place_entries
from needs.guide.places.free_beds import reservations
from needs.help.assignments import group_members
from needs.help.commitments import ending, hand_overs, taking
from needs.help.phone_intake import phone_calls
from needs.help.phone_intake.phone_calls import PhoneCall
from needs.help.triage import duplicates
from needs.models import (
    ColdPlan,
    ColdTrigger,
    Crisis,
    DangerAlarm,
    Dialogue,
    Encounter,
    Group,
    GroupMember,
    HandOver,
    HeldWord,
    HelpOffer,
    ImportRun,
    Item,
    ItemPhoto,
    JoinRequest,
    LocalEvent,
    Message,
    ModerationCase,
    Need,
    NeedAssignment,
    NeedPhoto,
    NextCrewWord,
    PersonBlock,
    PlaceCapacity,
    PlaceConflict,
    PlaceMistake,
    PlaceNotice,
    PlannedTour,
    Proposal,
    SavedSearch,
    Seat,
    Tour,
    TourRequest,
    VoiceNote,
)
from needs.neighbours.giving import offer_changes, offer_requests
from needs.neighbours.groups import group_changes
from needs.neighbours.groups.models import GroupRole
from needs.neighbours.lending import item_changes, wishes
from needs.neighbours.lending.loan_states import LoanState
from needs.neighbours.loans import loan_steps
from needs.neighbours.local_events import round_stops
from needs.reports import filing
from solidarity.lib import grid
from solidarity.lib.border_files.border_reader import Feature
from tests import filing_verbs
from tests.conftest import PASSWORD, people_of, published_parameters, small_city
from tests.mapping.scheduled_reports.schedule_cases import outside, scheduled
from tests.needs.conversations.message_cases import said
from tests.needs.crises.crisis_cases import opened
from tests.needs.lending.lending_cases import give, lend
from tests.needs.loans.loan_cases import handed_over
from tests.needs.local_events.event_cases import event_of
from tests.needs.message_desk.message_cases import waiting
from tests.needs.places.place_cases import place_of
from tests.support import Cast, City, dispatches
from volunteers.enums import Duty, Role
from volunteers.models import (
    Application,
    Assignment,
    Cell,
    DutyRequest,
    Invitation,
    Membership,
    Territory,
    User,
    Vouch,
    WorkArea,
)
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.associations import invitations
from volunteers.people.notifications import unsubscribing
from volunteers.people.tokens import tokens

ROLES = {
    "nobody": "without an account",
    "account": "Greta: signed in, and nothing else",
    "volunteer": "Alice: a volunteer in Nord; what can be promised is hers",
    "member": "Bob: a member of Maraude du Nord",
    "dispatcher": "Carol: its dispatcher, for Nord",
    "other_member": "Edith: a member of another association",
    "other_dispatcher": "Hugo: a dispatcher of another association, for Sud",
    "coordinator": "Diane: coordinates Nord",
    "other_coordinator": "Ines: coordinates Sud",
    "administrator": "Farid",
}
GATE = "none"
NORD = (48.8660, 2.3500)
Ids = dict[str, str]


def build() -> tuple[dict[str, User | None], dict[str, Ids]]:
    """Store the data; return (accounts by role, URL arguments by state: "here", "over", "none")."""
    published_parameters()
    city = small_city()
    cast = people_of(city)
    Assignment.objects.filter(user=cast.diane).update(territory=city.nord)
    hugo, ines = (
        User.objects.create_user(f"{name}@example.org", PASSWORD, display_name=name.title())
        for name in ("hugo", "ines")
    )
    dispatches(cast.carol, city.nord)
    dispatches(hugo, city.sud, association=cast.other)
    Assignment.objects.create(user=ines, territory=city.sud, duty=Duty.COORDINATOR, purpose="coordination")
    here = _here(cast, city)
    accounts = {
        "nobody": None, "account": cast.greta, "volunteer": cast.alice, "member": cast.bob, "dispatcher": cast.carol,
        "other_member": cast.edith, "other_dispatcher": hugo, "coordinator": cast.diane, "other_coordinator": ines,
        "administrator": cast.farid,
    }  # fmt: skip
    return accounts, {"here": here, "over": {**here, **_over(cast, city)}, "none": dict(ABSENT)}


def _published() -> dict[str, float]:
    from mapping.coverage.cells.coverage_model import PUBLISHED

    return PUBLISHED.values()


def _invited(cast: Cast) -> Invitation:
    """An invitation to Greta that waits for her answer."""
    waiting = Invitation.objects.filter(email=cast.greta.email, revoked_at=None).first()
    return waiting or invitations.invite(cast.maraude, cast.greta.email, Role.MEMBER, cast.carol)


def _proposal(city: City) -> Parameters:
    figures = {"half_life": 22.0, "neighbour_weight": 0.2, "log_likelihood": -0.8}
    grounds = {
        "base": 1, "kind": "visits", "from": 2500.0, "to": 2560.0, "observations": 1234, "groups": 99, "current": figures,
        "proposed": figures, "gain": 20.5, "standard_error": 6.25,
    }  # fmt: skip
    return Parameters.objects.create(
        territory=city.nord, version=9, values=_published(), proposed=True, grounds=grounds
    )


def _need(**more: Any) -> Need:
    state = more.pop("state", NeedState.OPEN)
    values = {"kinds": ["food"], "urgency": "soon", "source": uuid.uuid4().hex, "contact": "06 12 34 56 78", **more}
    draft = NeedDraft(at=timezone.now() - timedelta(hours=1), place=DraftPlace(*NORD), **values)
    filing_verbs.report_need(draft, state=state)
    return Need.objects.get(pk=draft.id)


def _encounter(cast: Cast, hours: float = 50) -> Encounter:
    at = timezone.now() - timedelta(hours=hours)
    draft = EncounterDraft(at=at, place=DraftPlace(*NORD), persons=3, minutes=30)
    filing_verbs.log_encounter(draft, association=cast.maraude.pk, author=cast.bob.pk)
    return Encounter.objects.get(pk=draft.id)


def _plan(cast: Cast, cell: int) -> PlannedTour:
    start = timezone.now() + timedelta(hours=3)
    return PlannedTour.objects.create(association=cast.maraude, author=cast.bob, start=start, cells=[cell], seats=2)


def _export(report: ZoneReport, state: ExportState, author: User) -> Export:
    row = Export.objects.create(
        kind=ExportKind.ZONES, format=ExportFormat.CSV, report=report, territory=report.territory, start=report.start,
        end=report.end, author=author, state=state,
    )  # fmt: skip
    if state == ExportState.DONE:
        export_jobs.path_of(row).parent.mkdir(parents=True, exist_ok=True)
        export_jobs.path_of(row).write_text("status\n")
    return row


def _picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "JPEG")
    return out.getvalue()


def _photo(need: Need) -> NeedPhoto:
    photo = NeedPhoto(need=need)
    photo.image.save("photo.jpg", ContentFile(_picture()))
    return photo


def _voice(report: Encounter) -> VoiceNote:
    note = VoiceNote(encounter=report, seconds=1)
    note.sound.save("note.ogg", ContentFile(b"OggS"))
    return note


def _here(cast: Cast, city: City) -> Ids:
    now = timezone.now()
    report = _encounter(cast)
    fold.fold_outbox()
    release_filter.publish_all()
    need, other, kept, gone, promised = (_need() for _each in range(5))
    assert report.cell is not None
    cell = Cell.objects.get(cell=report.cell).cell
    held = hand_overs.make_link(taking.take(promised, cast.alice).pk, cast.alice)
    tour = Tour.objects.create(association=cast.maraude, author=cast.bob, at=now - timedelta(hours=1), content_hash="-")
    said("volunteer", "in an hour", commitment=held, by_phone=True)
    override = Override.objects.create(
        cell=cell, at=now, persons=2, status=3, reason="seen", association=cast.maraude, author=cast.bob,
        expires_at=now + timedelta(days=2), content_hash="-",
    )  # fmt: skip
    note = FieldNote.objects.create(
        cell=cell, territory=city.nord, text="a note", author=cast.bob, association=cast.maraude,
        expires_at=now + timedelta(days=9),
    )  # fmt: skip
    passed_on = ZoneReport.objects.create(
        territory=city.nord, start=now.date(), end=now.date(), edition="external", payload={"parts": []}
    )
    quote = QuotedNote.objects.create(report=passed_on, note=note)
    ColdTrigger.objects.create(territory=city.nord)
    zones = make_report(city.nord, Period.latest(), cast.diane)
    crisis = opened(cast.diane)
    proposal = Proposal.objects.create(need=need, volunteer=cast.alice, expires_at=now + timedelta(hours=4))
    frozen = Zone.objects.filter(release__isnull=False, territory=city.nord)
    return {
        "t/slug": "nord", "zone": str(Zone.objects.filter(release=None, territory=city.nord)[0].key),
        "frozen": str(frozen[0].key), "crisis": crisis.slug, "cell": grid.to_text(cell), "need": str(need.pk),
        "other": str(other.pk), "alarm": str(DangerAlarm.objects.create(need=other, source="gate").pk),
        "merge": str(duplicates.merge(kept.pk, gone.pk, cast.carol).pk),
        "encounter": str(report.pk), "sound": str(_voice(report).pk), "tour": str(tour.pk), "plan": str(_plan(cast, cell).pk),
        "photo": str(_photo(need).pk), "proposal": str(proposal.pk), "commitment": str(held.pk),
        "hand": str(HandOver.objects.create(commitment=held, to=cast.greta, asked_by=cast.greta).pk),
        "hand_link": hand_overs.token_of(held), "step": "when",
        "message": str(Message.objects.get().pk), "contest": str(override.contest), "note": str(note.pk),
        "passed_on": str(passed_on.pk), "quote": str(quote.pk),
        "cold": str(ColdPlan.objects.create(territory=city.nord, start=now, author=cast.diane).pk),
        "parameters": str(_proposal(city).pk),
        "report": str(zones.pk), "export": str(_export(zones, ExportState.DONE, cast.diane).pk),
        "file_import": _file_import(cast, city), **_schedule(cast, city), **_calendar(cast),
        "alert": str(SavedSearch.objects.create(user=cast.alice, page="alerts", name="a").pk),
        "search": str(SavedSearch.objects.create(user=cast.carol, page="triage", name="t").pk),
        "crisis_search": str(SavedSearch.objects.create(user=cast.carol, page="crisis", crisis=crisis, name="c").pk),
        "sharing": str(sharing.share(need, city.root, 24, cast.carol).pk),
        "asked": str(DutyRequest.objects.create(user=cast.bob, territory=city.nord, duty=Duty.DISPATCHER).pk),
        "area": str(WorkArea.objects.create(association=cast.other, territory=city.nord).pk),
        "assignment": str(Assignment.objects.dispatching().get(user=cast.carol).pk), "person": str(cast.carol.key),
        "token": str(tokens.make(cast.carol, "t", writes=False, days=7)[0].pk), "association": cast.maraude.slug,
        "follow": filing.follow_token(promised.pk), "stop": unsubscribing.stop_token(cast.alice, "commitment", "email"),
        "gate": GATE, "draft": _draft(cast), "call": _call(cast), "membership": str(Membership.objects.get(user=cast.bob).pk),
        "suggested": str(_suggested(cast, city, cell).pk), "crew": _crew(cast, cell), "word": _word(cast, city, 9),
        "invitation": str(_invited(cast).pk), "join": invitations.token_of(_invited(cast)),
        "application": str(_application(city).pk), "place_kind": "food", "figures_kind": "csv", "thread_kind": "commitment",
        "item": "area", "tile": "12", "code": "food", "digest": "none", "reader": "volunteer",
        "name": "release.json", "key": "none", "language": "ar", **_offered(cast), **_guide(cast, tour),
        **_lent(cast), **_loan(cast), **_group(cast, city), "dialogue": str(waiting(city.nord).pk),
        **_relief(cast, crisis, other), "event": str(_round(cast).pk),
        **_lent(cast), **_loan(cast), **_moderated(cast, city),
        "review": str(reviews.record("ar", reviewer="-", on=now.date(), note="", by=cast.diane.pk).pk),
        "agreement": str(_agreement(cast, city)),
    }  # fmt: skip


def _agreement(cast: Cast, city: City) -> int:
    """A question to Maraude du Nord about reports without counts."""
    asked = ReportAgreement.objects.create(territory=city.root, association=cast.maraude, other=cast.other)
    return asked.pk


def _guide(cast: Cast, tour: Tour) -> Ids:
    """A place of Maraude du Nord with a notice, a reported mistake, free beds and one that a tour reserved."""
    place = place_of(cast)
    end = timezone.now() + timedelta(hours=5)
    notice = PlaceNotice.objects.create(place=place, kind="other", text="no water", end=end)
    beds = PlaceCapacity.objects.create(place=place, kind="beds", free=4, reservable=True)
    held = reservations.reserve(beds.pk, reservations.Holder(cast.bob, cast.maraude, tour))
    mistake = PlaceMistake.objects.create(place=place, text="closed on Mondays")
    conflict = PlaceConflict.objects.create(place=place, source="osm", field="name", ours=place.name, theirs="Halte")
    ids = {
        "conflict": conflict.pk,
        "chosen": "csv",
        "pk": place.pk,
        "notice": notice.pk,
        "beds": "beds",
        "mistake": mistake.pk,
        "reservation": held.pk,
    }
    return {name: str(value) for name, value in ids.items()}


def _relief(cast: Cast, crisis: Crisis, need: Need) -> Ids:
    """A need of an event that Carol assigned to Maraude du Nord, and a relief group of the event."""
    Need.objects.filter(pk=need.pk).update(crisis=crisis)
    given = NeedAssignment.objects.create(need=need, association=cast.maraude, by=cast.carol)
    return {"given": str(given.pk), "relief_group": str(group_members.make_group(crisis, "Boats", cast.diane).pk)}


def _round(cast: Cast) -> LocalEvent:
    """A round of Maraude du Nord to which everybody may come, with one stop."""
    event = event_of(cast, kind="round", brings=["meal"], seats=2)
    round_stops.add(event, "Gare", Point(NORD[1], NORD[0], srid=4326), 10, 15)
    return event


def _closed_place(cast: Cast) -> str:
    place = place_of(cast)
    place_entries.close(place, place_entries.By(cast.bob, cast.maraude))
    return str(place.pk)


def _loan(cast: Cast, *, over: bool = False) -> Ids:
    """A stroller of Maraude du Nord that Alice borrows, with a photo of it; over: after its return."""
    item = Item.objects.create(
        association=cast.maraude,
        category="stroller",
        name="Poussette",
        cell=grid.parent(grid.cell_of(*NORD), 8),
        quantity=3,
    )
    loan = handed_over(item, cast.alice, cast.bob)
    seen = loan.condition_notes.get()
    seen.photo.save("photo.jpg", ContentFile(b"-"))
    if over:
        loan_steps.move(loan.pk, LoanState.RETURNED, cast.bob)
    return {"loan": str(loan.pk), "seen": str(seen.pk), "loan_state": "returned"}


def _group(cast: Cast, city: City) -> Ids:
    """A group in Nord that Bob hosts, with Alice as a member, and Greta's request to join it."""
    group = Group.objects.create(name="Canal", territory=city.nord)
    GroupMember.objects.create(group=group, user=cast.bob, role=GroupRole.HOST)
    member = GroupMember.objects.create(group=group, user=cast.alice)
    asked = JoinRequest.objects.create(group=group, user=cast.greta)
    return {"group": str(group.pk), "group_member": str(member.pk), "join_request": str(asked.pk)}


def _closed_group(cast: Cast, city: City) -> Ids:
    """A group of the same people after it was closed."""
    ids = _group(cast, city)
    group_changes.close(Group.objects.get(pk=ids["group"]), cast.bob)
    return ids


def _sorted_messages(city: City) -> str:
    """Messages that were put aside two days ago."""
    dialogue = waiting(city.nord, number="+33600000002")
    Dialogue.objects.filter(pk=dialogue.pk).update(closed_at=timezone.now() - timedelta(days=2))
    return str(dialogue.pk)


def _moderated(cast: Cast, city: City) -> Ids:
    """Cases in Nord: one to decide, one of Alice that was hidden, and one in which the author appealed. Alice blocks Bob."""
    common = {"kind": "item", "key": "-", "territory": city.nord}
    decided = {"outcome": "hidden", "withheld": True, "decided_by": cast.diane, "decided_at": timezone.now()}
    appealed = ModerationCase.objects.create(
        **common, author=cast.edith, **decided, appeal="no", appealed_at=timezone.now()
    )
    return {
        "case": str(ModerationCase.objects.create(**common, author=cast.greta).pk),
        "own_case": str(ModerationCase.objects.create(**common, author=cast.alice, **decided).pk),
        "appealed": str(appealed.pk),
        "block": str(PersonBlock.objects.create(by=cast.alice, blocked=cast.bob).pk),
        "held": str(HeldWord.objects.create(word="idiot", folded="idiot").pk),
        "report_kind": "loan",
    }


def _schedule(cast: Cast, city: City) -> Ids:
    """Diane's scheduled report of Nord for a person without an account."""
    row = scheduled(city, cast.diane, outside(), content="external")
    return {"schedule": str(row.pk), "stop_report": report_recipients.stop_token(row.recipients.get())}


def _calendar(cast: Cast) -> Ids:
    """Bob's calendar feed."""
    feed, token = feed_addresses.make(cast.bob, Source(FeedScope.OWN))
    return {"calendar": str(feed.pk), "calendar_token": token}


def _suggested(cast: Cast, city: City, cell: int, **answered: Any) -> TourRequest:
    """A tour in Nord that Diane suggests to Maraude du Nord."""
    return TourRequest.objects.create(
        territory=city.nord, association=cast.maraude, author=cast.diane, start=timezone.now() + timedelta(hours=5),
        cells=[cell], **answered,
    )  # fmt: skip


def _crew(cast: Cast, cell: int) -> str:
    """The plan of a tour in Nord, to whose crew its coordinators can write. Alice has a seat."""
    plan = _plan(cast, cell)
    Seat.objects.create(plan=plan, volunteer=cast.alice)
    return str(plan.pk)


def _word(cast: Cast, city: City, hours: float) -> str:
    """A word of Bob's to the next crew in Nord that ends in some hours."""
    until = timezone.now() + timedelta(hours=hours)
    word = NextCrewWord(territory=city.nord, association=cast.maraude, author=cast.bob, text="a word", expires_at=until)
    word.at = until - timedelta(days=2)
    word.save()
    return str(word.pk)


def _draft(cast: Cast) -> str:
    """Borders that Farid uploaded."""
    border = Territory.objects.get(slug="nord").polygon
    return str(border_drafts.keep(cast.farid, [Feature(1, {"name": "Nord"}, border)]))


def _application(city: City) -> Application:
    """An association's application for Nord that waits for an answer."""
    return Application.objects.create(
        name="Café", about="-", territory=city.nord, person="Zoé", email="zoe@cafe.example"
    )


def _file_import(cast: Cast, city: City) -> str:
    """A finished import of Maraude du Nord with its row log."""
    run = ImportRun.objects.create(profile="mapped", file_name="a.csv", file_hash="-", association=cast.maraude)
    found = FileImport.objects.create(
        association=cast.maraude, territory=city.nord, author=cast.carol, file_name="a.csv", size=9, state=ImportState.DONE, run=run
    )  # fmt: skip
    incoming_files.folder_of(found.pk).mkdir(parents=True)
    incoming_files.log_path(found).write_text("row,outcome,reasons,report\n")
    return str(found.pk)


def _call(cast: Cast) -> str:
    """A telephone call that Carol took."""
    draft = NeedDraft(at=timezone.now(), place=DraftPlace(*NORD), kinds=["food"])
    call = PhoneCall(draft, gate=None, caller="-", ending=NeedState.VERIFIED, reason="", call_back_at=None)
    return str(phone_calls.take(call, Viewer(cast.carol)).id)


def _offered(cast: Cast) -> Ids:
    """Greta's unanswered offer of help for a need, her unanswered request for a vouch, and Alice's vouch and key."""
    offered = _need()
    offer = HelpOffer.objects.create(need=offered, user=cast.greta)
    asked = Vouch.objects.create(association=cast.maraude, user=cast.greta)
    vouch = Vouch.objects.current().get(user=cast.alice)
    return {
        "offered": str(offered.pk), "offer": str(offer.pk), "vouch": str(asked.pk), "ending": str(vouch.pk),
        "holder": str(cast.alice.key),
    }  # fmt: skip


def _lent(cast: Cast) -> Ids:
    """The things that Alice lends, looks for and gives, with Bob's request; a thing of Maraude du Nord."""
    own, stocked = lend(cast.alice), lend(cast.bob, association=cast.maraude)
    picture = ItemPhoto(item=own)
    picture.image.save("a.jpg", ContentFile(_picture()))
    wish = wishes.make(cast.alice, "tent", own.cell, timezone.now() + timedelta(days=9))
    gift = give(cast.alice)
    return {
        "thing": str(own.pk), "thing_photo": str(picture.pk), "wish": str(wish.pk), "stocked": str(stocked.pk),
        "gift": str(gift.pk), "gift_request": str(offer_requests.ask(gift.pk, cast.bob, 1).pk),
    }  # fmt: skip


def _ended_lending(cast: Cast) -> Ids:
    """The things that Alice no longer lends, looks for or gives."""
    thing, gift = lend(cast.alice), give(cast.alice)
    wish = wishes.make(cast.alice, "tent", thing.cell, timezone.now() + timedelta(days=9))
    item_changes.remove(thing)
    wishes.close(wish)
    offer_changes.close(gift)
    return {"thing": str(thing.pk), "wish": str(wish.pk), "gift": str(gift.pk)}


def _unasked(cast: Cast) -> Ids:
    """An invitation that was withdrawn, and the membership of somebody who left."""
    row = invitations.invite(cast.maraude, "hugo@example.org", Role.MEMBER, cast.carol)
    token = invitations.token_of(row)
    invitations.revoke(row, cast.carol)
    left = Membership.objects.create(user=cast.greta, association=cast.maraude, left_at=timezone.now())
    return {"invitation": str(row.pk), "join": token, "membership": str(left.pk)}


def _over(cast: Cast, city: City) -> Ids:
    """Store objects that are over: retracted, ended, cancelled, failed or answered."""
    now = timezone.now()
    need = _need()
    filing.retract(ReportKind.NEED, need.pk, author=cast.carol.pk, reason="x")
    report = _encounter(cast, hours=3)
    filing.retract(ReportKind.ENCOUNTER, report.pk, author=cast.bob.pk, reason="x")
    tour = Tour.objects.create(
        association=cast.maraude, author=cast.bob, at=now - timedelta(hours=5), content_hash="-",
        ended_at=now - timedelta(hours=4), retracted_at=now,
    )  # fmt: skip
    assert report.cell is not None
    plan = _plan(cast, report.cell)
    PlannedTour.objects.filter(pk=plan.pk).update(cancelled_at=now)
    promised = _need()
    held = taking.take(promised, cast.alice)
    hand = HandOver.objects.create(commitment=held, to=cast.greta, asked_by=cast.greta, answer="no", answered_at=now)
    ending.mark_done(held.pk, cast.alice)
    crisis = opened(cast.diane, "Crue")
    crisis_events.close(crisis)
    proposal = Proposal.objects.create(need=_need(), volunteer=cast.alice, expires_at=now - timedelta(hours=4))
    token = tokens.make(cast.carol, "old", writes=False, days=7)[0]
    tokens.revoke(token)
    zones = make_report(city.nord, Period.latest(), cast.diane)
    return {
        "need": str(need.pk), "encounter": str(report.pk), "tour": str(tour.pk), "plan": str(plan.pk),
        "commitment": str(held.pk), "hand": str(hand.pk), "crisis": crisis.slug, "proposal": str(proposal.pk),
        "export": str(_export(zones, ExportState.FAILED, cast.diane).pk), "token": str(token.pk),
        "suggested": str(_suggested(cast, city, report.cell, answer="declined", answered_at=now).pk), "crew": str(plan.pk),
        "word": _word(cast, city, -1), "follow": filing.follow_token(need.pk), "language": "ar", "pk": _closed_place(cast),
        **_unasked(cast), **_closed_group(cast, city), "dialogue": _sorted_messages(city),
        **_loan(cast, over=True), **_ended_lending(cast),
    }  # fmt: skip


_NONE = "00000000-0000-4000-8000-000000000000"
ABSENT: Mapping[str, str] = {
    "t/slug": "no-such-place", "crisis": "no-such-event", "cell": "891fb4662d7ffff",
    "association": "no-such-association", "area": "99999999", "cold": "99999999", "parameters": "99999999",
    "follow": "no-such-token",
    "assignment": "99999999", "stop": "no-such-token", "join": "no-such-token", "membership": "99999999",
    "gate": "no-such-gate", "step": "no-such-step", "hand_link": "no-such-token", "tile": "12", "code": "no-such-code",
    "reader": "no-such-reader", "chosen": "exe",
    "group_member": "99999999", "seen": "99999999", "loan_state": "returned",
    "block": "99999999", "held": "99999999", "report_kind": "loan",
    "digest": "none", "name": "release.json", "language": "no-such-language", "review": "99999999",
    "agreement": "99999999", "notice": "99999999", "conflict": "99999999", "beds": "rooms",
}  # fmt: skip


def argument(pattern: str, name: str) -> str:
    """Return the id to use for a URL's argument. The same argument name can stand for several kinds of objects."""
    if name == "slug":
        if pattern.startswith("map/associations/"):
            return "association"
        return (
            "t/slug"
            if pattern.startswith(
                ("map/t/", "me/in-charge/", "tour-requests/in/", "words/in/", "find/in/", "events/in/")
            )
            else "crisis"
        )
    if name == "pk" and pattern.startswith("events/"):
        return "event"
    if name == "key":
        places = (
            ("map/t/", "zone"),
            ("map/reports/<uuid:key>/words/", "passed_on"),
            ("map/reports/", "report"),
            ("map/exports/", "export"),
            ("map/imports/", "file_import"),
            ("map/schedules/", "schedule"),
            ("calendar/", "calendar"),
            ("open311/", "need"),
            ("report/", "loan"),
        )
        return next((thing for start, thing in places if pattern.startswith(start)), "key")
    if name == "kind" and ("/beds/" in pattern or "/capacities/<slug:kind>" in pattern):
        return "beds"
    if pattern.startswith("relief/") and name == "assignment":
        return "given"
    if name == "group" and pattern.startswith("map/crises/"):
        return "relief_group"
    if name == "kind" and pattern.startswith("crisis-feeds/"):
        return "chosen"
    if name == "kind" and "conversations/" in pattern:
        return "thread_kind"
    if name == "about":
        return "commitment"
    if name == "kind" and pattern.startswith("report/"):
        return "report_kind"
    if name == "case" and pattern.endswith("/appeal/"):
        return "own_case" if pattern.startswith("moderation/mine/") else "appealed"
    if name == "kind" and pattern.startswith("figures/"):
        return "figures_kind"
    if name == "kind" and pattern.startswith("find/tiles/"):
        return "place_kind"
    if name == "state" and pattern.startswith("loans/"):
        return "loan_state"
    if name == "search":
        return "alert" if "alerts/" in pattern else ("crisis_search" if pattern.startswith("crises/") else "search")
    if name == "need" and pattern.startswith("triage/calls/"):
        return "call"
    if name == "need" and "/offer" in pattern:
        return "offered"
    if name == "vouch":
        return "ending" if pattern.endswith("/end/") else "vouch"
    if name == "proposal" and pattern.startswith("map/"):
        return "parameters"
    if name == "plan" and "/cold/" in pattern:
        return "cold"
    if name == "plan" and pattern.startswith("calendar/"):
        return "crew"
    if name == "token":
        starts = (
            ("me/join/", "join"),
            ("hand-overs/link/", "hand_link"),
            ("follow/", "follow"),
            ("map/schedules/stop/", "stop_report"),
            ("calendar/", "calendar_token"),
        )
        named = next((thing for start, thing in starts if pattern.startswith(start)), None)
        return named or ("stop" if "stop/" in pattern else "token")
    return {"report": "encounter", "z": "tile", "x": "tile", "y": "tile"}.get(name, name)


def filled(route: Any, ids: Ids) -> str:
    """Return the URL of a route for the objects of a state."""
    values = {name: ids.get(argument(route.pattern, name), _NONE) for name in route.names}
    values |= {name: value for name, value in {"z": "12", "x": "2074", "y": "1409"}.items() if name in values}
    return str(route.filled(values))
