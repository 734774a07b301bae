"""The needs of a territory: its coordinators read them by cell, and nobody else."""

import html

import pytest

from needs.enums import NeedState
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
    assert str(taken.pk) not in text  # Diane opens no need
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
