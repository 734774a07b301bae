"""The lanes of the queue, the switch “I am on duty”, sharing on a need's page."""

import pytest

from needs.models import NeedSharing
from tests.needs.triage.triage_cases import page_of, reported
from tests.support import Cast, City, SignedIn, dispatches
from volunteers.models import DutyShift, Notification, Territory

pytestmark = pytest.mark.django_db

IN_NORD, IN_SUD = (48.8700, 2.3500), (48.8550, 2.3500)


def test_the_queue_has_a_lane_of_unassigned_needs_with_their_number(
    cast: Cast, city: City, signed_in: SignedIn
) -> None:
    dispatches(cast.carol, city.nord)
    own, nowhere = reported(IN_NORD), reported(None, place_text="somewhere")
    carol = signed_in(cast.carol)
    page = carol.get("/triage/").content.decode()
    assert "Not assigned" in page
    assert "lane=shared" not in page
    lane = carol.get("/triage/?lane=unassigned").content.decode()
    assert str(nowhere.pk) in lane
    assert str(own.pk) not in lane
    assert str(own.pk) in carol.get("/triage/?lane=own").content.decode()
    assert carol.get("/triage/?lane=x").status_code == 200


def test_the_switch_puts_on_duty_and_off_again(cast: Cast, signed_in: SignedIn) -> None:
    carol = signed_in(cast.carol)
    assert "I am on duty" in carol.get("/triage/").content.decode()
    carol.post("/triage/on-duty/", {"on": "1"})
    shift = DutyShift.objects.get(user=cast.carol)
    assert (shift.ends_at - shift.started_at).total_seconds() == 12 * 3600
    assert "You are on duty" in carol.get("/triage/").content.decode()
    carol.post("/triage/on-duty/", {"on": "0"})
    assert not DutyShift.objects.exists()
    assert signed_in(cast.bob).post("/triage/on-duty/", {"on": "1"}).status_code == 404


def test_a_shared_need_tells_the_dispatchers_there_and_has_a_lane(cast: Cast, city: City, signed_in: SignedIn) -> None:
    dispatches(cast.carol, city.nord)
    dispatches(cast.edith, city.sud)
    need, carol, edith = reported(IN_NORD), signed_in(cast.carol), signed_in(cast.edith)
    assert f'action="/triage/{need.pk}/share/"' in page_of(carol, need)
    carol.post(f"/triage/{need.pk}/share/", {"territory": "sud", "hours": "6"})
    assert Notification.objects.get(key__startswith="shared:").user == cast.edith
    assert str(need.pk) in edith.get("/triage/?lane=shared").content.decode()
    assert f'action="/triage/{need.pk}/share/"' not in page_of(edith, need)
    sharing = NeedSharing.objects.get()
    assert (sharing.expires_at - sharing.at).total_seconds() == 6 * 3600
    assert "End the sharing" in page_of(carol, need)


@pytest.mark.parametrize("hours", ["0", "100", "x", ""])
def test_hours_out_of_range_share_nothing(hours: str, cast: Cast, city: City, signed_in: SignedIn) -> None:
    dispatches(cast.carol, city.nord)
    dispatches(cast.edith, city.sud)
    need = reported(IN_NORD)
    signed_in(cast.carol).post(f"/triage/{need.pk}/share/", {"territory": "sud", "hours": hours})
    assert not NeedSharing.objects.exists()


def test_only_a_staffed_territory_can_help(cast: Cast, city: City, signed_in: SignedIn) -> None:
    dispatches(cast.carol, city.nord)
    need = reported(IN_NORD)
    assert f"/triage/{need.pk}/share/" not in page_of(signed_in(cast.carol), need)
    signed_in(cast.carol).post(f"/triage/{need.pk}/share/", {"territory": "sud", "hours": "6"})
    assert not NeedSharing.objects.exists()
    assert Territory.objects.filter(slug="sud").exists()
