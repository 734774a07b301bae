"""The site's own categories: in the need form, at the desk, in filters, files and new events."""

import uuid
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import translation

from mapping.out.exports import row_formats
from needs.base.site_categories import site_list
from needs.help.triage.forms import FilterPanel
from needs.help.triage.triage_queue import QueueFilter
from needs.models import Need, SiteCategory
from tests.needs.relief_groups.relief_cases import page
from tests.support import Cast, City, SignedIn, dispatches

pytestmark = pytest.mark.django_db
FORM = "/help/none/form/"


def rows(*rows: dict[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = {"category-TOTAL_FORMS": len(rows), "category-INITIAL_FORMS": 0}
    for number, row in enumerate(rows):
        data |= {f"category-{number}-{name}": value for name, value in row.items()}
    return data


HOT = {"name_en": "Hot soup", "name_fr": "Soupe chaude", "kind": "food", "shown": "on", "order": 1, "name_ar": "حساء"}
PARCEL = {"name_en": "Food parcel", "name_fr": "Colis", "kind": "food", "shown": "on", "order": 3}
TENT = {"name_en": "A tent", "name_fr": "Une tente", "kind": "shelter", "shown": "on", "order": 2}
HIDDEN = {"name_en": "Water", "name_fr": "De l’eau", "kind": "water", "order": 4}


@pytest.fixture
def farid(cast: Cast, city: City, signed_in: SignedIn) -> Client:
    dispatches(cast.carol)
    client = signed_in(cast.farid)
    assert client.post("/map/categories/", rows(PARCEL, HOT, TENT, HIDDEN)).status_code == 302
    return client


def need_with(*kinds: str) -> Need:
    key = uuid.uuid4()
    data = {
        "id": str(key), "kinds": kinds, "urgency": "soon", "persons": "1", "origin": "self", "place_text": "by the bridge",
        "gate": "none", "text": "", "latitude": "", "longitude": "", "contact": "",
    }  # fmt: skip
    response = Client().post(FORM, data)
    assert response.status_code == 302, response.content.decode()
    return Need.objects.get(pk=key)


def test_the_need_form_shows_the_own_list_and_the_kinds_stay_underneath(
    farid: Client, cast: Cast, signed_in: SignedIn, django_assert_num_queries: Any
) -> None:
    shown = page(Client(), FORM)
    names = ("Hot soup", "A tent", "Food parcel")
    assert all(name in shown for name in names)
    assert shown.index("Hot soup") < shown.index("A tent") < shown.index("Food parcel")
    assert 'value="water"' not in shown
    assert "حساء" in Client().get(FORM, headers={"accept-language": "ar"}).content.decode()
    parcel = SiteCategory.objects.get(names__en="Food parcel")
    need = need_with(f"food.{parcel.pk}", "shelter")
    assert need.kinds == ["food", "shelter"]
    desk = page(signed_in(cast.carol), f"/triage/{need.pk}/")
    assert "A tent, Food parcel" in desk
    site_list.forget()
    with django_assert_num_queries(0):
        site_list.choices()


def test_an_old_page_that_sends_a_fixed_kind_is_understood_and_nonsense_is_not(farid: Client) -> None:
    assert need_with("water").kinds == ["water"]
    data = {"id": str(uuid.uuid4()), "kinds": ["food.99999"], "gate": "none"}
    assert Client().post(FORM, data).status_code == 400


def test_filters_files_and_new_events_use_the_names_of_the_site(farid: Client, cast: Cast, signed_in: SignedIn) -> None:
    with translation.override("en"):
        [field] = [field for field in FilterPanel(QueueFilter(), []).boxes if field.name == "kinds"]
        kinds = dict(field.options)
        assert (kinds["food"], kinds["shelter"]) == ("Hot soup / Food parcel", "A tent")
        assert "Hot soup / Food parcel" in row_formats.categories().values()
    assert 'value="Hot soup"' in page(signed_in(cast.diane), "/map/crises/new/")


def test_a_deleted_category_stays_readable_on_old_reports(farid: Client, cast: Cast, signed_in: SignedIn) -> None:
    parcel, tent = (SiteCategory.objects.get(names__en=name) for name in ("Food parcel", "A tent"))
    need = need_with(f"food.{parcel.pk}")
    hot = SiteCategory.objects.get(names__en="Hot soup")
    farid.post("/map/categories/", rows(HOT | {"key": hot.pk}))
    assert not SiteCategory.objects.filter(pk=tent.pk).exists()
    assert SiteCategory.objects.get(pk=parcel.pk).deleted_at is not None
    assert "Food parcel" not in page(Client(), FORM)
    assert "Food parcel" in page(signed_in(cast.carol), f"/triage/{need.pk}/")
    farid.post("/map/categories/", rows())
    cache.clear()
    assert 'value="water"' in page(Client(), FORM), "without a list, the fixed kinds are back"


def test_only_administrators_edit_the_list_and_an_error_keeps_what_was_typed(
    farid: Client, cast: Cast, signed_in: SignedIn
) -> None:
    assert signed_in(cast.diane).get("/map/categories/").status_code == 404
    response = farid.post("/map/categories/", rows({"name_en": "Only English", "kind": "food", "shown": "on"}))
    assert response.status_code == 400
    assert "Only English" in response.content.decode()
    assert SiteCategory.objects.count() == 4
