"""The needs of a territory: its coordinators read them by cell, and nobody else."""

import html

import pytest

from needs.enums import NeedState
from needs.models import Need
from tests.mapping.home.evening import SECRETS, SUD, held, secret
from tests.support import Cast, City, SignedIn, dispatches
from volunteers.models import Assignment, AuditEntry

pytestmark = pytest.mark.django_db


def test_a_coordinator_reads_the_needs_of_the_territory_by_cell_and_stage(
    city: City, cast: Cast, signed_in: SignedIn
) -> None:
    Assignment.objects.filter(user=cast.diane).update(territory=city.nord)
    taken = secret(kinds=["food"])
    held(taken, cast.bob)
    secret(state=NeedState.NEW, kinds=["tent"], urgency="now")
    secret(state=NeedState.MET), secret(SUD), secret(None)
    diane = signed_in(cast.diane)
    page = diane.get("/map/t/nord/needs/", headers={"accept-language": "en"})
    text = html.unescape(page.content.decode())
    assert page.context["hits"] == 2
    assert text.index("tent") < text.rindex("food")  # the urgent one comes first
    assert not [each for each in SECRETS if each in text]
    assert f"/triage/{taken.pk}/" not in text  # Diane is no dispatcher
    assert f"/map/t/nord/needs/{taken.pk}/" in text
    for query, hits in (("stage=sorting", 1), ("stage=taken", 1), ("stage=open", 0), ("kind=tent", 1), ("kind=x", 2)):
        assert diane.get(f"/map/t/nord/needs/?{query}").context["hits"] == hits, query
    dashboard = diane.get("/map/t/nord/dashboard/")
    assert dashboard.context["changes"].needs.waiting == 2
    assert "/map/t/nord/needs/" in dashboard.content.decode()
    entry = AuditEntry.objects.filter(verb="list_read", scope="nord").order_by("seq")[0]
    assert (entry.purpose, entry.details["count"]) == ("coordination", 2)


def test_only_a_dispatcher_of_a_need_gets_a_link_to_it(city: City, cast: Cast, signed_in: SignedIn) -> None:
    need = secret()
    dispatches(cast.carol, city.nord)
    Assignment.objects.create(user=cast.carol, territory=city.nord, duty="coordinator", purpose="-")
    assert f"/triage/{need.pk}/" in signed_in(cast.carol).get("/map/t/nord/needs/").content.decode()
    assert f"/triage/{need.pk}/" not in signed_in(cast.diane).get("/map/t/nord/needs/").content.decode()
    for person in (cast.alice, cast.bob, cast.edith):
        assert signed_in(person).get("/map/t/nord/needs/").status_code == 404
    assert signed_in(cast.carol).get("/map/t/sud/needs/").status_code == 404


def page_of(need: Need, slug: str = "nord") -> str:
    return f"/map/t/{slug}/needs/{need.pk}/"


def test_a_coordinator_takes_each_step_and_reads_no_place_words_or_contact(
    city: City, cast: Cast, signed_in: SignedIn
) -> None:
    need = secret(state=NeedState.NEW, kinds=["tent"])
    need.steps.create(state=NeedState.NEW, text="the man with the red coat")
    diane = signed_in(cast.diane)

    def shown() -> str:
        answer = diane.get(page_of(need), headers={"accept-language": "en"})
        assert answer.status_code == 200
        return html.unescape(answer.content.decode())

    def step(seen: str, **values: str) -> None:
        assert diane.post(page_of(need), {"seen": seen, "text": "", **values})["Location"] == page_of(need)

    page = shown()
    assert not [each for each in (*SECRETS, "red coat", f"/triage/{need.pk}/") if each in page]
    assert "This page shows no place, no words and no contact." in page
    step("new", state="verified")
    step("verified", state="open")
    step("verified", state="open")  # an old page changes nothing
    need.refresh_from_db()
    assert need.state == NeedState.OPEN
    step("open", outcome="met:helped")
    need.refresh_from_db()
    assert need.state == NeedState.MET
    assert [each.by_id for each in need.steps.order_by("-pk")[:3]] == [cast.diane.pk] * 3
    assert "Reopen" in shown()
    entry = AuditEntry.objects.filter(verb="list_read", scope="nord").order_by("-seq")[0]
    assert (entry.purpose, entry.details["count"]) == ("coordination", 1)


def test_a_step_without_a_reason_says_so_and_keeps_the_comment(city: City, cast: Cast, signed_in: SignedIn) -> None:
    need = secret(state=NeedState.OPEN)
    answer = signed_in(cast.diane).post(page_of(need), {"seen": "open", "outcome": "", "text": "asked twice"})
    page = answer.content.decode()
    assert answer.status_code == 200 and "asked twice" in page and 'id="close" open' in page
    need.refresh_from_db()
    assert need.state == NeedState.OPEN


def test_only_coordinators_of_the_territory_of_a_need_open_its_page(
    city: City, cast: Cast, signed_in: SignedIn
) -> None:
    here, there = secret(state=NeedState.NEW), secret(SUD, state=NeedState.NEW)
    Assignment.objects.filter(user=cast.diane).update(territory=city.nord)
    diane = signed_in(cast.diane)
    for address in (page_of(there, "sud"), page_of(there), page_of(here, "sud"), page_of(here, "nowhere")):
        assert (
            diane.get(address).status_code == diane.post(address, {"seen": "new", "state": "open"}).status_code == 404
        )
    for person in (cast.alice, cast.bob, cast.edith, cast.greta, cast.carol):
        client = signed_in(person)
        answer = client.post(page_of(here), {"seen": "new", "state": "open"})
        assert client.get(page_of(here)).status_code == answer.status_code == 404
    here.retracted_at = here.at
    here.save()
    assert diane.get(page_of(here)).status_code == 404
    assert not Need.objects.filter(state=NeedState.OPEN).exists()
