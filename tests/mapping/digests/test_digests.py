"""The digest: to people who want it, once, with nothing that their role may not read."""

from datetime import date, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings as project
from django.core import signing
from django.test import Client
from django.utils import timezone
from django.utils.formats import time_format
from pytest_django import DjangoAssertNumQueries

from mapping.coverage.folding import fold, rebuild
from mapping.map.releases import release_filter
from mapping.models import Digest
from mapping.out.digests import digest_sending
from mapping.out.digests.digest_content import sections_for
from needs.doors.retention import runner
from needs.enums import NeedState
from needs.models import LocalEvent, Need, NextCrewWord
from tests.mapping.home.evening import SECRETS, alarm, based, cells_of, entered, held, overridden, planned, secret
from tests.needs.triage.triage_cases import reported
from tests.support import Cast, City, SignedIn
from tests.volunteers.conftest import post_office
from tests.volunteers.services import Post
from volunteers.enums import DigestRhythm, Medium, Topic
from volunteers.models import NotificationSettings, User
from volunteers.people.notifications import preferences, unsubscribing

__all__ = ["post_office"]
pytestmark = pytest.mark.django_db

ZONE = ZoneInfo(project.TIME_ZONE)
DAY = timedelta(days=1)


@pytest.fixture
def morning() -> datetime:
    """Return the last half past seven. A later one would be before the times that the database notes."""
    day = timezone.localtime(timezone.now(), ZONE)
    today = day.replace(hour=7, minute=30, second=0, microsecond=0)
    return today if today < day else today - DAY


def wants(user: User, rhythm: DigestRhythm = DigestRhythm.DAY, **fields: object) -> None:
    preferences.choose_digest(user, rhythm)
    NotificationSettings.objects.filter(user=user).update(**fields)


def part(mail: EmailMessage, kind: str) -> str:
    found = mail.get_body((kind,))
    assert found is not None
    return str(found.get_content())


def told(user: User, length: timedelta = DAY) -> dict[str, list[str]]:
    return {each.title: each.lines for each in sections_for(user, length, timezone.now())}


def word(city: City, author: User | None = None, text: str = "They moved behind the third tree") -> None:
    now = timezone.now()
    NextCrewWord.objects.create(territory=city.nord, author=author, text=text, at=now, expires_at=now + DAY)


# --- what it says ----------------------------------------------------------------------------------------------------


def test_a_digest_names_kinds_tours_and_territories_and_no_place(
    city: City, cast: Cast, post_office: Post, morning: datetime
) -> None:
    rebuild.recompute_all(rebuild=True)
    based(cast.alice)
    secret(), alarm(), entered(cast)
    word(city)
    planned(city.nord, cast.other, hours=30, seats=2)
    fold.fold_outbox()
    release_filter.publish_all()
    for person in (cast.alice, cast.bob, cast.carol, cast.diane):
        wants(person)
    assert digest_sending.send_due(morning) == 4
    for mail in post_office.mails:
        for text in (part(mail, "plain"), part(mail, "html")):
            assert not [each for each in (*SECRETS, "third tree", "metres", " km") if each in text]
            assert "https://solidarity.example/" in text
    alice = next(mail for mail in post_office.mails if mail["To"] == "alice@example.org")
    assert "People near you ask for: food." in part(alice, "plain")
    assert "Soupe du Sud" in part(alice, "html") and "2 places free" in part(alice, "html")
    assert "Words from the crews" not in part(alice, "plain"), "volunteers do not read these"
    diane = next(mail for mail in post_office.mails if mail["To"] == "diane@example.org")
    assert "1 new word" in part(diane, "plain") and "/words/in/" in part(diane, "plain")


def test_it_is_in_the_readers_language(city: City, cast: Cast, post_office: Post, morning: datetime) -> None:
    word(city)
    wants(cast.diane, language="fr")
    digest_sending.send_due(morning)
    assert '<html lang="fr"' in part(post_office.mails[0], "html")
    assert "All your choices" not in part(post_office.mails[0], "plain")


def test_people_who_do_not_coordinate_read_numbers_in_steps_of_five(city: City, cast: Cast) -> None:
    for number in range(7):
        reported(state=NeedState.NEW, hours_ago=number + 1)
    Need.objects.update(state=NeedState.MET, state_at=timezone.now())
    assert told(cast.diane)["Needs answered"] == ["Ville: 7 needs answered"]
    assert told(cast.alice)["Needs answered"] == ["Nord: at least 5 needs answered"]
    Need.objects.filter(pk__in=Need.objects.values("pk")[:3]).update(state=NeedState.OPEN)
    assert told(cast.diane)["Needs answered"] == ["Ville: 4 needs answered"]
    assert "Needs answered" not in told(cast.alice)


def test_people_read_how_many_needs_they_helped_with(city: City, cast: Cast) -> None:
    need = secret()
    held(need, cast.alice)
    Need.objects.update(state=NeedState.MET, state_at=timezone.now())
    assert told(cast.alice)["Needs answered"] == ["With your help: 1"]


def test_zones_come_from_the_release_of_the_readers_role(city: City, cast: Cast) -> None:
    rebuild.recompute_all(rebuild=True)
    overridden(cast, cells_of(city.nord, 8)[7])
    rebuild.recompute_all(rebuild=True)
    title = "Zones with a new status"
    assert title not in told(cast.alice) and title not in told(cast.carol), "nothing is published yet"
    release_filter.publish_all()
    [live], [members], [volunteers] = told(cast.diane)[title], told(cast.carol)[title], told(cast.alice)[title]
    assert "uncovered (1)" in live and "uncovered (1)" in members
    assert volunteers == "Nord · never searched, or searched too little (1)", "it is a day old"


def test_whom_no_association_knows_reads_the_day_of_a_tour_without_the_hour(city: City, cast: Cast) -> None:
    based(cast.greta)
    plan = planned(city.nord, cast.maraude, hours=30, seats=2)
    [unknown], [known] = told(cast.greta)["Tours with free places"], told(cast.alice)["Tours with free places"]
    hour = time_format(timezone.localtime(plan.start), "TIME_FORMAT")
    assert hour in known and hour not in unknown and ":" not in unknown


def test_events_of_the_coming_days_are_named_to_those_who_may_read_them(city: City, cast: Cast) -> None:
    start = timezone.now() + timedelta(days=2)
    events: dict[str, dict[str, Any]] = {
        "Soup at six": {"public": True},
        "Meeting of the board": {"association": cast.other},
        "Soup last year": {"public": True, "starts_at": start - timedelta(days=300)},
        "Soup next month": {"public": True, "starts_at": start + timedelta(days=30)},
        "No soup": {"public": True, "cancelled_at": start},
    }
    for title, fields in events.items():
        more = {"starts_at": start, "territory": city.nord, "kind": "meal", **fields}
        LocalEvent.objects.create(title=title, ends_at=more["starts_at"] + timedelta(hours=1), **more)
    [soup, board] = sorted(told(cast.alice)["Events near you"], reverse=True)
    assert soup.startswith("Soup at six · ") and board.startswith("Meeting of the board · ")
    assert "Events near you" not in told(cast.greta)
    based(cast.greta)
    assert told(cast.greta)["Events near you"] == [soup], "no association knows her"


def test_who_lost_access_is_told_nothing_of_the_territory(city: City, cast: Cast) -> None:
    planned(city.nord, cast.maraude, hours=30, seats=2)
    secret()
    word(city)
    assert told(cast.alice).keys() >= {"New needs near you", "Tours with free places"}
    assert "Words from the crews" in told(cast.diane)
    cast.alice.assignments.all().delete()
    cast.diane.assignments.all().delete()
    assert told(cast.alice) == {} and told(cast.diane) == {}


def test_a_name_that_a_message_may_not_contain_is_left_out(city: City, cast: Cast) -> None:
    planned(city.nord, cast.maraude, hours=30, seats=2)
    planned(city.nord, cast.other, hours=31, seats=2)
    type(cast.other).objects.filter(pk=cast.other.pk).update(name="Call +33 6 12 34 56 78")
    [line] = told(cast.alice)["Tours with free places"]
    assert "Maraude du Nord" in line


# --- to whom, when, how often ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rhythm", "now", "day"),
    [
        (DigestRhythm.DAY, datetime(2026, 11, 25, 6, 59, tzinfo=ZONE), None),
        (DigestRhythm.DAY, datetime(2026, 11, 25, 7, 0, tzinfo=ZONE), date(2026, 11, 25)),
        (DigestRhythm.DAY, datetime(2026, 11, 25, 19, 0, tzinfo=ZONE), None),
        (DigestRhythm.WEEK, datetime(2026, 11, 23, 6, 59, tzinfo=ZONE), None),
        (DigestRhythm.WEEK, datetime(2026, 11, 23, 7, 0, tzinfo=ZONE), date(2026, 11, 23)),
        (DigestRhythm.WEEK, datetime(2026, 11, 24, 18, 59, tzinfo=ZONE), date(2026, 11, 23)),
        (DigestRhythm.WEEK, datetime(2026, 11, 25, 7, 0, tzinfo=ZONE), None),
        (DigestRhythm.DAY, datetime(2026, 10, 25, 7, 0, tzinfo=ZONE), date(2026, 10, 25)),  # the clock changes
    ],
)
def test_it_is_due_at_seven_every_day_or_on_mondays(rhythm: DigestRhythm, now: datetime, day: date | None) -> None:
    assert digest_sending.due_day(rhythm, now) == day


def test_nobody_gets_it_who_did_not_ask_and_nobody_twice(
    city: City, cast: Cast, post_office: Post, morning: datetime
) -> None:
    word(city)
    NotificationSettings.objects.create(user=cast.bob, wanted=["tour:email"])
    wants(cast.diane)
    assert [digest_sending.send_due(morning) for _each in range(3)] == [1, 0, 0]
    NotificationSettings.objects.update(rhythm=DigestRhythm.WEEK)
    NotificationSettings.objects.update(rhythm=DigestRhythm.DAY)
    assert digest_sending.send_due(morning + timedelta(hours=1)) == 0
    assert [mail["To"] for mail in post_office.mails] == ["diane@example.org"]


def test_nothing_is_sent_if_there_is_nothing_to_say(cast: Cast, post_office: Post, morning: datetime) -> None:
    wants(cast.greta)
    assert digest_sending.send_due(morning) == 0
    assert post_office.mails == [] and Digest.objects.get().failure == "nothing to say"


def test_it_waits_for_the_end_of_quiet_hours(city: City, cast: Cast, post_office: Post, morning: datetime) -> None:
    word(city)
    wants(cast.diane, quiet_from="22:00", quiet_until="09:00")
    assert digest_sending.send_due(morning) == 0
    assert digest_sending.send_due(morning + timedelta(hours=2)) == 1


def test_a_worker_that_dies_while_sending_never_sends_the_same_digest_twice(
    city: City, cast: Cast, post_office: Post, morning: datetime
) -> None:
    word(city)
    wants(cast.diane)
    digest_sending.store_due(DigestRhythm.DAY, morning)
    assert len(digest_sending.claim(morning)) == 1  # now this worker dies; perhaps it has sent the mail
    for minutes in (1, 11, 60):
        assert digest_sending.send_due(morning + timedelta(minutes=minutes)) == 0
    assert Digest.objects.get().failure == "the worker was lost" and post_office.mails == []


def test_a_busy_mail_server_is_tried_again(city: City, cast: Cast, post_office: Post, morning: datetime) -> None:
    word(city)
    wants(cast.diane)
    post_office.recipient_answer = "450 later"
    assert digest_sending.send_due(morning) == 0
    post_office.recipient_answer = "250 OK"
    late = Digest.objects.get()
    digest_sending.send_due(
        late.not_before + timedelta(minutes=2)
    )  # after the quiet hours; perhaps also today's digest
    late.refresh_from_db()
    assert late.sent_at is not None and post_office.mails


def test_a_blocked_or_deleted_account_gets_none(city: City, cast: Cast, post_office: Post, morning: datetime) -> None:
    word(city)
    for person in (cast.diane, cast.carol, cast.bob):
        wants(person)
    User.objects.filter(pk=cast.bob.pk).update(is_active=False)
    digest_sending.store_due(DigestRhythm.DAY, morning)
    assert Digest.objects.count() == 2
    User.objects.filter(pk=cast.diane.pk).update(is_active=False)
    cast.carol.delete()
    assert digest_sending.send_due(morning) == 0
    assert post_office.mails == [] and Digest.objects.get().failure == "switched off meanwhile"


def test_a_bounce_stops_it_until_the_person_saves_their_choices(
    city: City, cast: Cast, post_office: Post, morning: datetime, signed_in: SignedIn
) -> None:
    word(city)
    wants(cast.diane)
    unsubscribing.note_refusal(cast.diane.key, morning)
    assert digest_sending.send_due(morning) == 0 and not Digest.objects.exists()
    client = signed_in(cast.diane)
    assert "has refused our messages" in client.get("/me/notifications/").content.decode()
    client.post("/me/notifications/", {"language": "en", "digest": "day"})
    assert "has refused our messages" not in client.get("/me/notifications/").content.decode()
    assert digest_sending.send_due(morning) == 1


def test_the_digests_of_many_people_are_stored_with_few_queries(
    cast: Cast, morning: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for person in User.objects.all():
        wants(person)
    with django_assert_num_queries(3):  # the people, and one insert in a savepoint
        assert digest_sending.store_due(DigestRhythm.DAY, morning) == User.objects.count()
    assert digest_sending.store_due(DigestRhythm.DAY, morning) == 0


# --- choosing and stopping -------------------------------------------------------------------------------------------


def test_it_is_chosen_on_the_page_of_notifications(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.greta)
    page = client.get("/me/notifications/")
    assert page.context["form"]["digest"].value() == ""
    client.post("/me/notifications/", {"language": "en", "digest": "week"})
    assert preferences.digest_of(preferences.chosen_by(cast.greta)) == "week"
    client.post("/me/notifications/", {"language": "en", "digest": ""})
    assert preferences.digest_of(preferences.chosen_by(cast.greta)) == ""


def test_it_is_one_tap_at_the_end_of_the_first_steps(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.greta)
    assert "/me/notifications/digest/" in client.get("/welcome/together/").content.decode()
    assert client.post("/me/notifications/digest/").status_code == 302
    assert preferences.digest_of(preferences.chosen_by(cast.greta)) == "week"
    assert "/me/notifications/digest/" not in client.get("/welcome/together/").content.decode()


def test_one_post_without_an_account_stops_it_and_looking_at_the_link_does_not(
    city: City, cast: Cast, post_office: Post, morning: datetime
) -> None:
    word(city)
    wants(cast.diane)
    digest_sending.send_due(morning)
    [mail] = post_office.mails
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = mail["List-Unsubscribe"].replace("\n", "").strip("<> ")
    assert link in part(mail, "plain") and link in part(mail, "html") and "diane" not in link
    path = unquote(link.removeprefix("https://solidarity.example"))
    stranger = Client(enforce_csrf_checks=True)
    for way in (stranger.get, stranger.head, stranger.options):
        way(path)
    assert preferences.digest_of(preferences.chosen_by(cast.diane)) == "day"
    assert stranger.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert preferences.digest_of(preferences.chosen_by(cast.diane)) == ""
    assert digest_sending.send_due(morning + DAY) == 0


def test_nobody_can_forge_or_count_up_a_link_to_stop_it(cast: Cast) -> None:
    wants(cast.diane)
    own = unsubscribing.stop_token(cast.greta, Topic.DIGEST, Medium.EMAIL)
    salt = "volunteers.notifications.stop"
    content = [cast.diane.key.hex, "digest", "email"]
    forged = [
        signing.dumps(content, salt=salt, key="another key"),
        signing.dumps(content, salt="another salt"),
        own.replace(own.split(":")[0], signing.dumps(content, salt=salt, key="x").split(":")[0]),
        str(cast.diane.pk),
        cast.diane.key.hex,
    ]
    for token in forged:
        assert Client().post(f"/me/notifications/stop/{token}/").status_code == 404
    Client().post(f"/me/notifications/stop/{own}/")
    assert preferences.digest_of(preferences.chosen_by(cast.diane)) == "day"


def test_the_list_of_digests_is_deleted_after_two_months(cast: Cast) -> None:
    day = timezone.now().date()
    for age in (1, 61):
        Digest.objects.create(user=cast.diane, rhythm="day", period=day - timedelta(days=age))
    runner.run()
    assert [row.period for row in Digest.objects.all()] == [day - DAY]
