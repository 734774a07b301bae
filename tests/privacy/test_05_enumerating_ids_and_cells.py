"""Attack 5: enumerate ids and cells. An object out of scope must give the same bytes as a missing object."""

import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.test import Client
from django.utils import timezone
from django.views.defaults import page_not_found

from mapping.enums import ExportFormat, ExportKind, FeedScope
from mapping.models import Export, FieldNote, Override, Parameters, QuotedNote, ReleaseFiles, Zone, ZoneReport
from mapping.out.calendar_feeds import feed_addresses
from mapping.out.calendar_feeds.feed_addresses import Source
from mapping.plans.territory_setup import border_drafts
from needs.base.dispatch_scope import sharing
from needs.models import (
    CallAttempt,
    ColdPlan,
    Commitment,
    Crisis,
    DangerAlarm,
    Encounter,
    HandOver,
    HelpOffer,
    Merge,
    Need,
    NeedPhoto,
    PlannedTour,
    Proposal,
    SavedSearch,
    Tour,
    VoiceNote,
)
from needs.reports.danger import lane
from solidarity.lib import grid
from solidarity.lib.border_files.border_reader import Feature
from solidarity.ops.demo.people import DOMAIN
from tests.conftest import PASSWORD, square
from tests.needs.conversations.message_cases import said
from tests.privacy import attacked_objects
from tests.privacy.addresses import Route, routes
from tests.privacy.answers import bytes_of
from tests.repetitions import TEST_ALL
from volunteers.enums import Duty, Level
from volunteers.models import Assignment, Association, Cell, DutyRequest, Membership, Territory, User, Vouch, WorkArea
from volunteers.people.associations import invitations
from volunteers.people.tokens import tokens

pytestmark = [
    pytest.mark.xdist_group("privacy demonstration"),
    pytest.mark.usefixtures("open311"),
]  # the demonstration is stored once per module

ARGUED = [route for route in routes() if route.names]

# By design, these ids work for everybody who knows them, so the response may differ from "does not exist".
OPEN_TO_ALL = {
    "guides/<slug:reader>/": "guides are public texts",
    "find/in/<slug:slug>/": "public places around the middle of a territory, for everybody",
    "find/in/<slug:slug>/sheet/": "the same, to print",
    "find/tiles/<slug:kind>/<int:z>/<int:x>/<int:y>.mvt": "public places on a map, the same for everybody",
    "events/in/<slug:slug>/": "public events around the middle of a territory, for everybody",
    "events/tiles/<int:z>/<int:x>/<int:y>.mvt": "public events of today on a map, the same for everybody",
    "help/<slug:gate>/": "the questions of the gate are the same for all",
    "help/<slug:gate>/form/": "the same",
    "crisis/<slug:slug>/": "anybody files in a crisis",
    "crisis-feeds/<slug:slug>.<slug:kind>": "sums of an event by commune, the same for all",
    "places/<uuid:pk>/": "the guide of places is public, without secret addresses",
    "places/<uuid:pk>/mistake/": "the same",
    "places/guide.<slug:chosen>": "the whole guide as a file, the same for all",
    "api/v1/places/<uuid:pk>/": "the same",
    "api/v1/crises/<slug:slug>/": "the same, for machines",
    "api/v1/crises/<slug:slug>/reports/": "the same",
    "map/languages/<slug:language>/": "public sentences, the same for every coordinator of the installation",
    "map/languages/<slug:language>/<int:review>/drop/": "the same: who checked them, by every coordinator",
    "open311/v2/services/<code>": "kinds of need",
    "open311/v2/requests/<key>": "status without a place, for the person who filed it (ADR 18)",
    "map/releases/public/<slug:digest>/<str:name>": "files of public releases, kept for ever",
    "lending/items/<uuid:thing>/": "what is listed, for every account; no place and no owner",
    "loans/ask/<uuid:thing>/": "every account may ask for what is listed",
    "api/v1/items/<uuid:thing>/days/": "free and lent days of what is listed, and never by whom",
    "giving/<uuid:gift>/": "what is given, for every account; no place and no owner",
    "giving/<uuid:gift>/ask/": "the same: every account may ask",
    "api/v1/giving/<uuid:gift>/ask/": "the same",
    "moderation/words/<int:held>/remove/": "the list of held words, the same for every coordinator of the installation",
    "join/associations/<slug:association>/": "the names of associations are public, and every account may ask",
    "open311/v2/tokens/<key>": "the same id again, for the person who filed it",
}

# By design, the associations of a city share these.
SHARED = {
    "map/t/": "the map of every territory, others' reports at resolution 9 and daily",
    "map/seats/": "free places in planned tours",
    "groups/": "groups that everybody near can join: what they do, first names of hosts, number of members",
    "report/group/": "the same: those who see a group can report it",
    "words/": "words to the next crew, which members of all associations read",
    "map/notes/": "notes on zones, which members of all associations read",
    "open/": "open needs, without their exact place",
    "api/v1/open-needs/": "the same",
    "commitments/<uuid:commitment>/ask/": "asking a holder to hand over",
    "api/v1/commitments/<uuid:commitment>/ask/": "the same",
}
MISSING = uuid.UUID("00000000-0000-4000-8000-000000000000")
NOWHERE_CELL = "891fb4662d7ffff"


@pytest.fixture
def filled(demo: None) -> dict[str, Any]:
    """One object of each kind that has an id, all in Paris and from associations there."""
    member = User.objects.get(email=f"member@{DOMAIN}")
    coordinator = User.objects.get(email=f"coordinator@{DOMAIN}")
    volunteer = User.objects.get(email=f"volunteer@{DOMAIN}")
    own = Association.objects.of(member)[0]
    now = timezone.now()
    files = ReleaseFiles.objects.filter(territory__zoned=True).select_related("territory")[0]
    district = files.territory
    cell = Cell.objects.filter(territory=district)[0].cell
    needs = list(Need.objects.live().filter(danger_alarm=None)[:2])
    commitment = Commitment.objects.filter(volunteer__isnull=False)[0]
    shared = Commitment.objects.create(
        need=needs[0], volunteer=member, association=own, expires_at=now + timedelta(hours=4)
    )
    plan = PlannedTour.objects.create(
        association=own, author=member, start=now + timedelta(hours=2), cells=[cell], seats=2
    )
    merge = Merge.objects.create(kept=needs[0], merged=needs[1], before="open", by=member)
    hand = HandOver.objects.create(commitment=commitment, to=volunteer, asked_by=volunteer)
    relayed = said("volunteer", "in an hour", commitment=commitment, by_phone=True)
    Override.objects.create(
        cell=cell, at=now, persons=2, status=3, reason="seen", association=own, author=member,
        expires_at=now + timedelta(days=2), content_hash="-",
    )  # fmt: skip
    FieldNote.objects.create(
        cell=cell, territory=district, text="a note", author=member, association=own, expires_at=now + timedelta(days=9)
    )
    cold = ColdPlan.objects.create(territory=district, start=now, author=coordinator)
    proposal = Parameters.objects.create(territory=district, version=9, values={}, proposed=True)
    report = ZoneReport.objects.all()[0]
    passed_on = ZoneReport.objects.create(
        territory=district, start=now.date(), end=now.date(), edition="external", payload={"parts": []}
    )
    export = Export.objects.create(
        kind=ExportKind.ZONES, format=ExportFormat.CSV, report=report, territory=report.territory, start=report.start,
        end=report.end, author=coordinator,
    )  # fmt: skip
    token = tokens.make(coordinator, "t", writes=False, days=7)[0]
    offer = HelpOffer.objects.create(need=needs[0], user=volunteer)
    asked = Vouch.objects.create(association=own, user=User.objects.create_user("asks@attack.example", None))
    met = attacked_objects.real(Encounter, association=own)
    zone = attacked_objects.real(Zone, "key", release=None, territory=district)
    frozen = attacked_objects.real(Zone, "key", release__isnull=False, territory=district)
    CallAttempt.objects.create(need=needs[0], by=member, result="reached")
    draft = border_drafts.keep(coordinator, [Feature(1, {"name": "x"}, district.polygon)])
    ids = {
        "slug": [district.slug, attacked_objects.real(Crisis, "slug")],
        "association": [own.slug],
        "digest": [files.folder.split("/")[-1]],
        "name": ["release.json", "map.pmtiles"],
        "cell": [grid.to_text(cell)],
        "need": [str(needs[0].pk), str(commitment.need_id)],
        "other": [str(needs[1].pk)],
        "alarm": [str(DangerAlarm.objects.create(need=needs[1], source="gate").pk)],
        "commitment": [str(commitment.pk), str(shared.pk)],
        "report": [met],
        "sound": [str(VoiceNote.objects.create(encounter_id=met, sound="needs/voice/none.ogg", seconds=9).pk)],
        "tour": [attacked_objects.real(Tour, association=own)],
        "plan": [str(plan.pk), str(cold.pk)],
        "photo": [attacked_objects.real(NeedPhoto)],
        "proposal": [attacked_objects.real(Proposal), str(proposal.pk)],
        "search": [attacked_objects.real(SavedSearch)],
        "merge": [str(merge.pk)],
        "sharing": [str(sharing.share(needs[0], district, 24, member).pk)],
        "asked": [str(DutyRequest.objects.create(user=member, territory=district, duty=Duty.DISPATCHER).pk)],
        "area": [str(WorkArea.objects.get_or_create(association=own, territory=district)[0].pk)],
        "change": [attacked_objects.change_of_administrators(member)],
        "assignment": [
            attacked_objects.assigned(needs[0], own, coordinator),
            attacked_objects.real(Assignment, user=coordinator),
        ],
        "person": [str(member.key)],
        "holder": [str(volunteer.key)],
        "hand": [str(hand.pk)],
        "message": [str(relayed.pk)],
        "contest": [attacked_objects.real(Override, "contest")],
        "note": [attacked_objects.real(FieldNote)],
        "map/t/": [zone, frozen],
        "map/reports/": [str(report.pk)],
        "map/reports/<uuid:key>/words/": [str(passed_on.pk)],
        "quote": [str(QuotedNote.objects.create(report=passed_on, note_id=attacked_objects.real(FieldNote)).pk)],
        "map/exports/": [str(export.pk)],
        "open311/": [str(needs[0].pk)],
        "token": [str(token.pk)],
        "invitation": [str(invitations.invite(own, "somebody@attack.example", "member", member).pk)],
        "offer": [str(offer.pk)],
        "vouch": [attacked_objects.real(Vouch, ended_at=None), str(asked.pk)],
        "membership": [attacked_objects.real(Membership, association=own, left_at=None)],
        "application": [attacked_objects.application(district)],
        "draft": [str(draft)],
        "in the cache": [border_drafts.cache_key(coordinator, draft)],
        "map/imports/": [attacked_objects.finished_import(own, district, coordinator)],
        "map/schedules/": [attacked_objects.schedule(district, coordinator)],
        "calendar/": [str(feed_addresses.make(member, Source(FeedScope.OWN))[0].pk)],
        "suggested": [attacked_objects.suggested(own, district, coordinator, cell)],
        "crew": [str(plan.pk)],
        **attacked_objects.guide(own, member),
        "word": [attacked_objects.word(district, own, member)],
        **attacked_objects.lent(own, member, volunteer, cell),
        **attacked_objects.asked_for_reports(district, own),
        **attacked_objects.moderated(district, member, volunteer),
        **attacked_objects.groups(district, coordinator, volunteer),
        "dialogue": attacked_objects.unclear_messages(district),
    }
    threads = attacked_objects.threads(ids)
    texts = attacked_objects.reported(ids, str(relayed.pk))
    return {**ids, "conversations/": threads, "api/v1/conversations/": threads, "report/": texts}


ABSENT = {
    "slug": "no-such-place", "kind": "photo", "association": "no-such-association", "cell": NOWHERE_CELL,
    "membership": "99999999", "group_member": "99999999", "notice": "99999999", "conflict": "99999999",
    "agreement": "99999999", "seen": "99999999", "block": "99999999", "held": "99999999", "area": "99999999",
    "gate": "no-such-gate", "code": "no-such-code", "digest": "0" * 32, "name": "release.json", "z": "12", "x": "2074", "y": "1409",
    "language": "no-such-language", "step": "no-such-step", "item": "no-such-item", "state": "returned", "reader": "no-such-reader",
    "gateway": "no-such-gateway", "event": "no-such-event", "secret": "no-such-secret",  # settings, and no objects
}  # fmt: skip


def account(name: str) -> User:
    user = User.objects.create_user(f"{name}@attack.example", PASSWORD, display_name=name)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.fixture(autouse=True)
def alarms_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count the alarms in the navigation once per reader. That takes half of a refused page's time, and is the same for
    both ids."""
    counts: dict[Any, int] = {}
    count = lane.count_for

    def once(viewer: Any) -> int:
        return counts[viewer.user.pk] if viewer.user.pk in counts else counts.setdefault(viewer.user.pk, count(viewer))

    monkeypatch.setattr(lane, "count_for", once)


WHOLE_PAGES = 1
"""Routes of each section whose page of nothing is compared as a whole; ``make test-all`` compares all of them."""


@pytest.fixture(autouse=True)
def most_pages_of_nothing_are_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer 404 with only what differs between such pages: the messages, and what the view left on the request. A
    request can ask for the whole page. Rendering the page twice for each URL took most of the time."""

    def nothing(request: HttpRequest, exception: Exception) -> HttpResponse:
        if TEST_ALL or "Whole-Page" in request.headers:
            return page_not_found(request, exception)
        public = {name: value for name, value in vars(request).items() if not name.startswith("_")}
        left = {name: value if type(value) in (str, int, bool) else "" for name, value in public.items()}
        messages = [str(message) for message in get_messages(request)]
        return HttpResponseNotFound(f"{messages}\n{sorted(left.items())}")

    monkeypatch.setattr(import_module(settings.ROOT_URLCONF), "handler404", nothing, raising=False)


@pytest.fixture
def attackers(filled: dict[str, Any]) -> dict[str, Client]:
    """The attackers: a visitor, an account with every duty in another city, and a member of another association."""
    elsewhere = Territory.objects.create(
        slug="elsewhere", name="Elsewhere", level=Level.CITY, polygon=square(45.0, 5.0, 45.1, 5.1), zoned=False
    )
    # Needs of a territory without a dispatcher go to all dispatchers, so each root territory gets a dispatcher.
    local = Membership.objects.dispatching().select_related("user")[0].user
    for root in Territory.objects.filter(parent=None).exclude(pk=elsewhere.pk):
        Assignment.objects.get_or_create(user=local, territory=root, duty=Duty.DISPATCHER, ended_at=None)
    rival = Association.objects.create(slug="rival", name="Rival")
    users = {name: account(name) for name in ("elsewhere", "member")}
    for duty in Duty:
        Assignment.objects.create(user=users["elsewhere"], territory=elsewhere, duty=duty, purpose="elsewhere")
    Membership.objects.create(user=users["member"], association=rival, role="member")
    clients = {"nobody": Client()}
    for name, user in users.items():
        clients[name] = Client()
        clients[name].force_login(user)
    return clients


def choices(route: Route, ids: dict[str, Any], within: str = "") -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    """Return pairs of arguments, for a real object and for a missing object. within: the short name of a territory that
    contains neither object."""
    for area in [area for area in ids if "/" in area and route.pattern.startswith(area)]:
        ids = {**ids, **(ids[area] if isinstance(ids[area], dict) else {"key": ids[area]})}
    for number in range(max(len(ids.get(name, [""])) for name in route.names)):
        there = {}
        for name in route.names:
            known = ids.get(name)
            there[name] = ABSENT[name] if known is None else known[number % len(known)]
        absent = {name: ABSENT.get(name, str(MISSING)) for name in route.names}
        if "/beds/<slug:kind>/" in route.pattern or "/capacities/<slug:kind>" in route.pattern:
            there["kind"] = absent["kind"] = "beds"
        if "kind" in ids and "kind" in absent:
            absent["kind"] = there["kind"]
        for name in ("plan", "proposal", "assignment"):  # these arguments are numbers in some URLs and UUIDs in others
            if f"<int:{name}>" in route.pattern:
                there[name], absent[name] = ids[name][-1], "99999999"
            elif f"<uuid:{name}>" in route.pattern:
                there[name] = ids[name][0]
        yield (there | {"slug": within}, absent | {"slug": within}) if within else (there, absent)


def told_apart(client: Client, ids: dict[str, Any], allowed: Callable[[Route], bool], within: str = "") -> list[str]:
    """Return the URLs that respond differently to a real object and to a missing object."""
    found = []
    nothing: dict[tuple[str, ...], tuple[int, str]] = {}
    compared: Counter[str] = Counter()
    kept = cache.get_many(ids["in the cache"])
    assert kept
    for route in ARGUED:
        if route.pattern in OPEN_TO_ALL or allowed(route):
            continue
        section = route.pattern.split("/")[0]
        compared[section] += 1
        whole = {"Whole-Page": "yes"} if compared[section] <= WHOLE_PAGES else {}
        for there, absent in choices(route, ids, within):
            if allowed(replace(route, pattern=route.pattern.replace("<slug:kind>", there.get("kind", "")))):
                continue
            cache.clear()  # rate limits are a separate protection
            cache.set_many(kept)
            for method in ("GET", "POST", "DELETE") if route.pattern.startswith("api/") else ("GET", "POST"):
                one = bytes_of(client, method, route.filled(there), list(there.values()), **whole)
                address = route.filled(absent)
                key = (method, address, *whole)
                if key not in nothing:
                    nothing[key] = bytes_of(client, method, address, list(absent.values()), **whole)
                other = nothing[key]
                assert 429 not in (one[0], other[0])
                if one != other:
                    found.append(f"{method} {route.filled(there)}: {one[0]}, {other[0]}")
    return found


@pytest.mark.parametrize("who", ["nobody", "elsewhere"])
def test_what_is_out_of_scope_answers_as_what_is_not_there(
    who: str, filled: dict[str, Any], attackers: dict[str, Client]
) -> None:
    assert told_apart(attackers[who], filled, lambda route: False) == []


def test_another_association_finds_out_only_what_all_share(
    filled: dict[str, Any], attackers: dict[str, Client]
) -> None:
    found = told_apart(attackers["member"], filled, lambda route: route.pattern.startswith(tuple(SHARED)))
    assert found == []


def test_a_territory_of_ones_own_opens_nothing_of_another(filled: dict[str, Any]) -> None:
    """Request the zones, cells, overrides and files of the neighbouring district with URLs of one's own territory."""
    own = Territory.objects.zoned().exclude(slug=filled["slug"][0]).order_by("slug")[0]
    user = account("neighbour")
    Assignment.objects.create(user=user, territory=own, duty=Duty.VOLUNTEER)
    client = Client()
    client.force_login(user)
    assert client.get(f"/map/t/{own.slug}/").status_code == 200
    inside = [route for route in ARGUED if route.pattern.startswith("map/t/<slug:slug>/") and len(route.names) > 1]
    assert len(inside) > 10
    tiles = "tiles/<int:z>"  # a tile has no owner: both URLs are the same
    found = told_apart(client, filled, lambda route: route not in inside or tiles in route.pattern, own.slug)
    assert found == []
