"""A crisis map keeps its meaning: its categories and its yes-or-no words become ours, help given stays help given."""

import csv
import html
import io
import re
from collections import Counter
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from mapping.out.file_imports.models import FileImport
from needs.enums import NeedState, Urgency
from needs.models import Aid, ImportRun, Need
from tests.mapping.file_imports.test_file_imports import checked, form_of, imported, step, uploaded
from tests.support import Cast, SignedIn

HEAD = (
    "#,INCIDENT TITLE,INCIDENT DATE,LOCATION,DESCRIPTION,CATEGORY,LATITUDE,LONGITUDE,APPROVED,ACTIONABLE,URGENT,CLOSED"
)
ROWS = (
    ("Roof gone", "Roofless families", "Actionable", "Urgent", "Not closed"),
    ("Roof gone, too", "Roofless families", "Actionable", "Not urgent", "Closed"),
    ("Well is dry", "Water", "Unactionable", "Not urgent", "Not closed"),
    ("20 tents was sent to the school", "Others in need", "Unactionable", "Not urgent", "Not closed"),
    ("Ward 4", "Relief sent, Food", "Actionable", "Not urgent", "Not closed"),
    ("Ward 5", "Monitoring visit", "Unactionable", "Not urgent", "Not closed"),
    ("Ward 6 waits", "Relief sent", "Actionable", "Urgent", "Not closed"),
    ("Wall", "Roofless families, Verified by us", "Actionable", "Not urgent", "Not closed"),
)


@pytest.fixture(autouse=True)
def in_english() -> Any:
    with translation.override("en"):
        yield


def crisis_map(first: int = 1) -> str:
    """Return an invented crisis map of today."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEAD.split(","))
    for number, (title, category, *marks) in enumerate(ROWS, start=first):
        at = f"{timezone.now():%Y-%m-%d} 00:{number % 60:02}:00"
        writer.writerow([number, title, at, "Rue A", "", category, 48.866, 2.35, "YES", *marks])
    return out.getvalue()


def categories_of(client: Client, found: FileImport) -> dict[str, str]:
    """Return category → name of its field, as the page lists them."""
    page = client.get(reverse("mapping:file_import", args=[found.pk])).content.decode()
    fields = re.findall(r'<label for="id_(label_\w+)"\s*><span\s+class="said">(.*?)</span>', page)
    return {html.unescape(label): name for name, label in fields}


def mapped(client: Client, found: FileImport) -> FileImport:
    names = categories_of(client, found)
    chosen = {"Roofless families": "shelter", "Monitoring visit": "delivered", "Verified by us": "no_kind"}
    return checked(client, found, **{names[label]: meaning for label, meaning in chosen.items()})


def test_the_page_lists_what_it_does_not_recognise_first_and_guesses_the_rest(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.carol)
    found = uploaded(client, crisis_map())
    page = html.unescape(client.get(reverse("mapping:file_import", args=[found.pk])).content.decode())
    assert "3 categories are not recognised (rows: 5)." in page
    assert "our guess: water" in page and "our guess: help that was given" in page
    names = list(categories_of(client, found))
    assert set(names[:3]) == {"Roofless families", "Monitoring visit", "Verified by us"} and "Water" in names[3:]


def test_categories_and_words_for_yes_and_no_keep_their_meaning(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.carol)
    imported(client, mapped(client, uploaded(client, crisis_map())))
    needs = {need.title: (need.kinds, need.urgency, need.state) for need in Need.objects.all()}
    assert needs == {
        "Roof gone": (["shelter"], Urgency.NOW, NeedState.OPEN),
        "Roof gone, too": (["shelter"], Urgency.SOON, NeedState.MET),
        "Well is dry": (["water"], Urgency.SOON, NeedState.NEW),
        "Ward 6 waits": (["other"], Urgency.NOW, NeedState.OPEN),  # marked as urgent: never hidden as help given
        "Wall": (["shelter"], Urgency.SOON, NeedState.OPEN),
    }
    assert Counter(tuple(given) for given in Aid.objects.values_list("given", flat=True)) == {
        ("tent",): 1, ("food",): 1, (): 1,
    }  # fmt: skip
    notes = ImportRun.objects.get().notes
    assert notes["marked"] == {"approved": 8, "actionable": 5, "urgent": 2, "closed": 1}
    assert notes["unknown_kinds"] == {}


def test_without_a_choice_an_unknown_category_is_counted_and_said(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.carol)
    found = checked(client, uploaded(client, crisis_map()))
    assert found.totals["reasons"]["unknown_category"] == 4
    assert "An unknown kind of help was imported as “other”." in html.unescape(
        client.get(reverse("mapping:file_import", args=[found.pk])).content.decode()
    )


def test_the_choices_are_remembered_for_the_association_alone(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.carol)
    imported(client, mapped(client, uploaded(client, crisis_map())))
    page = client.get(reverse("mapping:file_import", args=[uploaded(client, crisis_map(100)).pk])).content.decode()
    assert "recognised (rows" not in page
    second = imported(client, checked(client, FileImport.objects.latest("made_at")))
    assert "unknown_category" not in second.totals["reasons"] and Need.objects.filter(kinds=["shelter"]).count() == 6

    # A choice that is taken back stays taken back.
    third = uploaded(client, crisis_map(200))
    name = categories_of(client, third)["Roofless families"]
    checked(client, third, **{name: ""})
    fourth = uploaded(client, crisis_map(300))
    page = html.unescape(client.get(reverse("mapping:file_import", args=[fourth.pk])).content.decode())
    assert "1 category is not recognised (rows: 3)." in page

    farid = signed_in(cast.farid)
    answer = farid.post(
        reverse("mapping:file_imports"),
        {"file": io.BytesIO(crisis_map().encode()), "association": cast.other.slug, "territory": "ville"},
    )
    assert answer.status_code == 302
    other = FileImport.objects.get(association=cast.other)
    assert step(other).mapping["labels"] == {}


def test_a_word_that_is_neither_yes_nor_no_is_said(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.carol)
    found = checked(client, uploaded(client, crisis_map().replace("Unactionable", "Perhaps")))
    assert found.totals["reasons"]["unknown_mark"] == 3


def test_no_meaning_is_invented_and_too_many_categories_do_not_stop_the_page(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.carol)
    found = uploaded(client, crisis_map())
    name = categories_of(client, found)["Roofless families"]
    answer = client.post(reverse("mapping:import_mapping", args=[found.pk]), form_of(found, **{name: "gold"}))
    assert answer.status_code == 422
    flood = "date;lat;lon;besoin\n" + "".join(f"2026-01-{n % 28 + 1:02};48.866;2.35;mot{n}\n" for n in range(3_000))
    crowded = uploaded(client, flood, "mots.csv")
    assert len(categories_of(client, crowded)) == 100
    assert checked(client, crowded).totals["new"] == 3_000
