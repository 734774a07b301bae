"""Saved searches of an event and their alerts."""

from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from needs.help.saved_searches import alerts
from needs.models import Crisis, Need, SavedSearch
from tests.needs.crises.crisis_cases import INSIDE, OUTSIDE, opened, report
from tests.support import Cast, SignedIn, dispatches
from volunteers.enums import Topic as NoticeTopic
from volunteers.models import Notification


def save_search(client: Client, crisis: Crisis, query: str, **fields: Any) -> Any:
    return client.post(f"/crises/{crisis.slug}/searches/", {"name": "Blankets in the north", "query": query, **fields})


def test_a_saved_search_alerts_about_new_matching_reports_only(crisis: Crisis, cast: Cast, signed_in: SignedIn) -> None:
    carol, blankets = signed_in(cast.carol), crisis.categories.all()[1]
    save_search(
        carol, crisis, f"topics={blankets.pk}&urgency=now&box=2.340000,48.863000,2.360000,48.870000", alert="on"
    )
    search = SavedSearch.objects.get()
    assert (search.crisis, search.alert, search.query) == (crisis, True, {"topics": [blankets.pk], "urgency": ["now"]})
    assert "Blankets in the north" in carol.get(f"/crises/{crisis.slug}/").content.decode()
    here = {"latitude": INSIDE[0], "longitude": INSIDE[1]}
    other = opened(cast.diane, "Crue")
    report(crisis, urgency="later", **here)
    report(crisis, category=crisis.categories.all()[0].pk, **here)
    report(crisis, latitude=OUTSIDE[0], longitude=OUTSIDE[1])
    report(other, **here)
    assert alerts.send_new(timezone.now() + timedelta(minutes=2)) == 0
    report(crisis, **here)
    Need.objects.filter(crisis=crisis).update(filed_at=timezone.now() + timedelta(minutes=3))
    assert alerts.send_new(timezone.now() + timedelta(minutes=10)) == 1
    notice = Notification.objects.get(topic=NoticeTopic.ALERT)
    assert notice.user == cast.carol
    assert "1 new report" in f"{notice.title}"
    assert "Blankets" not in f"{notice.title} {notice.body}"
    Need.objects.filter(crisis=crisis).update(filed_at=timezone.now())
    page = carol.get(notice.path).content.decode()
    assert f'href="/crises/{crisis.slug}/"' in page
    assert "Blankets, warm clothes" in page


def test_a_search_is_private_unless_shared_with_an_association(crisis: Crisis, cast: Cast, signed_in: SignedIn) -> None:

    carol = signed_in(cast.carol)
    save_search(carol, crisis, "urgency=now", association=cast.maraude.pk)
    search = SavedSearch.objects.get()
    dispatches(cast.bob)
    dispatches(cast.edith)
    assert "Blankets in the north" in signed_in(cast.bob).get(f"/crises/{crisis.slug}/").content.decode()
    assert "Blankets in the north" not in signed_in(cast.edith).get(f"/crises/{crisis.slug}/").content.decode()
    base = f"/crises/{crisis.slug}/searches/{search.pk}/"
    assert signed_in(cast.bob).post(f"{base}drop/").status_code == 404
    assert signed_in(cast.diane).post(f"{base}drop/").status_code == 404
    carol.post(f"{base}alert/", {"on": "1"})
    assert SavedSearch.objects.get().alert
    carol.post(f"{base}drop/")
    assert not SavedSearch.objects.exists()


def test_a_search_name_is_unique_across_events(crisis: Crisis, cast: Cast, signed_in: SignedIn) -> None:
    carol = signed_in(cast.carol)
    save_search(carol, crisis, "urgency=now")
    other = opened(cast.diane, "Crue")
    assert save_search(carol, other, "urgency=now").status_code == 302
    assert SavedSearch.objects.get().crisis == crisis
    save_search(carol, crisis, "urgency=soon")
    assert SavedSearch.objects.get().query == {"urgency": ["soon"]}
