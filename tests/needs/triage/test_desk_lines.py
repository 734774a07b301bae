"""The one list of the desk: messages, texts to moderate and requests stand among the needs, each with its reason."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from needs.enums import DeskFilter, Urgency
from needs.help.triage.working_list import desk_lines, list_order
from needs.help.triage.working_list.desk_lines import DeskLine
from needs.models import Commitment, Feedback, ModerationCase, Need
from tests.needs.message_desk.message_cases import waiting
from tests.needs.triage.triage_cases import GARE, reported
from tests.support import Cast, City, SignedIn, dispatches
from volunteers.enums import Duty
from volunteers.models import Assignment, AuditEntry, DutyRequest
from volunteers.people.accounts.viewer import Viewer

pytestmark = pytest.mark.django_db


@pytest.fixture
def carol(cast: Cast, city: City, signed_in: SignedIn) -> Client:
    """A dispatcher of Nord, who coordinates it, too."""
    dispatches(cast.carol, city.nord)
    Assignment.objects.create(user=cast.carol, territory=city.nord, duty=Duty.COORDINATOR)
    return signed_in(cast.carol)


def rows(client: Client, query: str = "") -> list[str]:
    """Return the ids of the lines in their order."""
    answer = client.get(f"/triage/{query}")
    assert answer.status_code == 200
    return re.findall(r'<tbody class="[^"]*"\s*id="([^"]+)"', answer.content.decode())


def text(client: Client, query: str = "") -> str:
    return " ".join(str(client.get(f"/triage/{query}").content.decode()).split())


def case_in(city: City, **fields: object) -> ModerationCase:
    at = timezone.now() - timedelta(hours=1)
    return ModerationCase.objects.create(
        kind="message", key="1", digest="d", territory=city.nord, opened_at=at, held_at=at, **fields
    )


def unsafe_commitment(need: Need, cast: Cast) -> Commitment:
    """A commitment whose holder did not feel safe."""
    Need.objects.filter(pk=need.pk).update(state="committed")
    held = Commitment.objects.create(
        need=need, volunteer=cast.alice, expires_at=timezone.now() + timedelta(hours=2), association=None
    )
    Feedback.objects.create(commitment=held, side="volunteer", went="badly", unsafe=True, text="somebody shouted")
    return held


def test_everything_that_waits_stands_in_one_list_with_its_reason(cast: Cast, city: City, carol: Client) -> None:
    need = reported(hours_ago=2)
    message = waiting(city.nord, "two people, cold", minutes_ago=5)
    danger = waiting(city.nord, "he bleeds", number="+33612345699", minutes_ago=1, danger=("bleeding",))
    case = case_in(city)
    asked = DutyRequest.objects.create(user=cast.edith, territory=city.nord, duty=Duty.DISPATCHER)
    assert rows(carol) == [
        f"line-message-{danger.pk}", f"line-message-{message.pk}", f"need-{need.pk}", f"line-text-{case.pk}",
        f"line-duty-{asked.pk}",
    ]  # fmt: skip
    page = text(carol)
    for reason in (
        "Our rules did not understand this message.", "not checked yet",
        "A held word keeps it back until you decide.", "Asks for a duty: dispatcher.",
    ):  # fmt: skip
        assert reason in page
    assert "two people, cold" in page and "Edith" in page
    assert AuditEntry.objects.filter(verb="list_read", details__list="messages").exists()


def test_the_filters_show_one_sort_of_line(cast: Cast, city: City, carol: Client) -> None:
    need, held = reported(), reported(state="held")
    message, case = waiting(city.nord), case_in(city)
    asked = DutyRequest.objects.create(user=cast.edith, territory=city.nord, duty=Duty.DISPATCHER)
    assert rows(carol, "?only=messages") == [f"line-message-{message.pk}"]
    assert set(rows(carol, "?only=texts")) == {f"need-{held.pk}", f"line-text-{case.pk}"}
    assert rows(carol, "?only=requests") == [f"line-duty-{asked.pk}"]
    assert set(rows(carol, "?only=forged")) == set(rows(carol))
    assert rows(carol, "?urgency=soon") and all(each.startswith("need-") for each in rows(carol, "?urgency=soon"))
    assert f"need-{need.pk}" in rows(carol)


def test_others_see_no_line_of_this_desk(cast: Cast, city: City, signed_in: SignedIn) -> None:
    dispatches(cast.carol, city.nord)
    dispatches(cast.edith, city.sud)
    need = reported(GARE)
    waiting(city.nord)
    case_in(city)
    held = unsafe_commitment(need, cast)
    DutyRequest.objects.create(user=cast.bob, territory=city.nord, duty=Duty.DISPATCHER)
    edith, carol = signed_in(cast.edith), signed_in(cast.carol)
    assert rows(edith) == []
    assert edith.post(f"/commitments/{held.pk}/unsafe-seen/").status_code == 404
    assert signed_in(cast.alice).post(f"/commitments/{held.pk}/unsafe-seen/").status_code == 404
    assert Feedback.objects.get().seen_at is None
    assert not any(each.startswith(("line-text", "line-duty")) for each in rows(carol)), (
        "a moderator's and a coordinator's"
    )


def test_a_report_of_an_unsafe_place_stays_until_somebody_has_seen_it(cast: Cast, city: City, carol: Client) -> None:
    held = unsafe_commitment(reported(), cast)
    said = Feedback.objects.get()
    assert f"line-unsafe-{said.pk}" in rows(carol)
    assert "somebody shouted" in text(carol)
    answer = carol.post(f"/commitments/{held.pk}/unsafe-seen/")
    assert answer["Location"] == "/triage/?only=messages"
    assert f"line-unsafe-{said.pk}" not in rows(carol)
    again = carol.post(f"/commitments/{held.pk}/unsafe-seen/", follow=True)
    assert "Somebody else has already seen it" in again.content.decode()


def test_earlier_addresses_lead_to_the_list(carol: Client, cast: Cast, signed_in: SignedIn) -> None:
    old = reported(hours_ago=100)
    for address, now in (
        ("/desk/messages/", "/triage/?only=messages"), ("/commitments/desk/", "/triage/?only=messages"),
        ("/triage/ageing/", "/triage/?aged=1"),
    ):  # fmt: skip
        assert carol.get(address)["Location"] == now
        assert signed_in(cast.bob).get(address).status_code == 404
    reported(hours_ago=1)
    assert rows(carol, "?aged=1") == [f"need-{old.pk}"]
    assert "Closes by itself on" in text(carol, "?aged=1")
    assert "Closes by itself on" not in text(carol)


def test_a_new_line_changes_the_state_of_open_pages(carol: Client, city: City) -> None:
    etag = carol.get("/triage/changes/")["ETag"]
    assert carol.get("/triage/changes/", headers={"if-none-match": etag}).status_code == 304
    waiting(city.nord)
    changed = carol.get("/triage/changes/", headers={"if-none-match": etag})
    assert changed.status_code == 200
    page = text(carol)
    assert changed["ETag"].strip('"') in page.replace("&quot;", '"')


def test_many_lines_need_no_more_queries(
    carol: Client, city: City, cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        waiting(city.nord, number=f"+3361234{number:04}")
    viewer = Viewer(cast.carol)
    assert len(desk_lines.lines_for(viewer, timezone.now())) == 30
    with django_assert_max_num_queries(6):
        desk_lines.lines_for(viewer, timezone.now())


class Ranked:
    """A row as ``among`` reads it."""

    def __init__(self, harm: float, *, danger: bool = False) -> None:
        self.need = self
        self.harm, self.danger, self.at = harm, danger, timezone.now()


def test_each_line_is_on_exactly_one_page() -> None:
    now = timezone.now()
    lines = [
        DeskLine(DeskFilter.MESSAGES, str(harm), "mail", "", "", now, "/", harm, danger=danger)
        for harm, danger in [(50.0, True), (20.0, False), (10.0, False), (7.0, False), (0.5, False)]
    ]
    pages = [[Ranked(99, danger=True), Ranked(10)], [Ranked(7), Ranked(3)], [Ranked(1)]]
    shown = [
        list_order.among(page, lines, "", following[0].need if following else None, first=not number)  # type: ignore[arg-type]
        for number, (page, following) in enumerate(zip(pages, [*pages[1:], None], strict=True))
    ]
    keys = [[each.key if isinstance(each, DeskLine) else each.need.harm for each in page] for page in shown]
    assert keys == [[99, "50.0", "20.0", 10, "10.0"], [7, "7.0", 3], [1, "0.5"]]
    assert desk_lines.harm_of(Urgency.NOW, now, now) == 10
