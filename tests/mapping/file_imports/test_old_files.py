"""Old files are history by themselves, and the dry run says what would go live."""

from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from mapping.out.file_imports.models import FileImport, SavedMapping
from needs.enums import UNFINISHED_STATES
from needs.models import Need
from needs.reports.danger.models import DangerAlarm
from tests.mapping.file_imports.test_file_imports import CRISIS_MAP, checked, form_of, imported, step, uploaded
from tests.support import Cast, SignedIn


@pytest.fixture(autouse=True)
def in_english() -> Any:
    with translation.override("en"):
        yield


def table(*days_ago: int) -> str:
    rows = (f"{n},{timezone.now() - timedelta(days=days):%Y-%m-%d},48.866,2.35,Food,Soup please\n"
            for n, days in enumerate(days_ago, start=1))  # fmt: skip
    return "id,date,lat,lon,category,title\n" + "".join(rows)


def page_of(client: Client, found: FileImport) -> str:
    return client.get(reverse("mapping:file_import", args=[found.pk])).content.decode()


def ticked(client: Client, found: FileImport) -> bool:
    page = page_of(client, found)
    box = page[page.index('name="archive"') :]
    return "checked" in box[: box.index(">")]


def test_a_file_of_old_dates_is_history_by_itself_and_nothing_goes_live(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.carol)
    found = uploaded(client, CRISIS_MAP)
    assert ticked(client, found)
    found = checked(client, found, archive="on")
    assert "Nothing goes live: all rows are stored as history." in page_of(client, found)
    imported(client, found)
    assert Need.objects.exists() and not Need.objects.filter(state__in=UNFINISHED_STATES).exists()


def test_a_file_of_this_month_is_not_history(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.carol)
    found = uploaded(client, table(1, 2, 3, 400))
    assert not ticked(client, found)
    found = checked(client, found)
    said = "4 needs go live: dispatchers see them in their list at once; older than a month: 1."
    assert said in page_of(client, found)
    assert not Need.objects.exists()
    assert said not in page_of(client, imported(client, found)), "afterwards it is no forecast any more"


def test_recent_needs_in_a_file_of_history_are_said(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.carol)
    found = checked(client, uploaded(client, table(400, 401, 402, 1)), archive="on")
    assert "Nothing goes live: all rows are stored as history, also 1 need of the last month." in page_of(client, found)


def test_whoever_takes_the_tick_away_reads_what_goes_live(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.carol)
    found = checked(client, uploaded(client, table(400, 401)))
    assert "2 needs go live: dispatchers see them in their list at once; older than a month: 2." in page_of(
        client, found
    )
    assert not found.mapping["archive"], "the choice is kept"


def test_the_age_is_judged_again_where_the_date_is_in_another_column(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.carol)
    now = timezone.now()
    content = "date,happened,lat,lon,category,title\n" + "".join(
        f"{now:%Y-%m-%d},201{n}-03-04,48.866,2.35,Food,Soup\n" for n in range(3)
    )
    found = uploaded(client, content)
    assert not ticked(client, found)
    found = checked(client, found, date="happened")
    assert found.mapping["archive"] and "Nothing goes live" in page_of(client, found)


def test_a_saved_mapping_puts_no_old_needs_live(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.carol)
    first = uploaded(client, table(1, 2))
    client.post(reverse("mapping:import_saved", args=[first.pk]), {"then": "save", "name": "Ours"})
    second = uploaded(client, table(400, 401))
    saved = SavedMapping.objects.get()
    assert not saved.mapping["archive"]
    client.post(reverse("mapping:import_saved", args=[second.pk]), {"then": "use", "saved": str(saved.pk)})
    assert ticked(client, FileImport.objects.get(pk=second.pk))


def test_history_raises_no_alarm_and_is_undone_like_any_import(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.carol)
    content = table(400, 401, 0).replace("Soup please", "he does not breathe")
    found = imported(client, checked(client, uploaded(client, content), archive="on"))
    assert not DangerAlarm.objects.exists() and Need.objects.count() == 3
    page = page_of(client, found)
    assert "Undo the whole import" in page
    client.post(reverse("mapping:import_undo", args=[found.pk]))
    step(found)
    assert not Need.objects.exists()


def test_the_command_says_what_goes_live_and_how_to_keep_it_history(
    cast: Cast, signed_in: SignedIn, tmp_path: Path
) -> None:
    client = signed_in(cast.carol)
    first = uploaded(client, table(1))
    client.post(reverse("mapping:import_saved", args=[first.pk]), {"then": "save", "name": "Ours"})
    path, out = tmp_path / "old.csv", StringIO()
    path.write_text(table(400, 401, 1))
    call_command(
        "import_reports", str(path), mapping="Ours", association="maraude-du-nord", territory="ville", dry_run=True,
        ledger=tmp_path / "log.csv", stdout=out,
    )  # fmt: skip
    assert "Needs that would go live: 3; older than a month: 2. --archive stores them as history." in out.getvalue()


def test_a_form_with_a_wrong_column_keeps_the_tick(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.carol)
    found = uploaded(client, CRISIS_MAP)
    answer = client.post(reverse("mapping:import_mapping", args=[found.pk]), form_of(found, date="", archive="on"))
    page = answer.content.decode()
    box = page[page.index('name="archive"') :]
    assert answer.status_code == 422 and "checked" in box[: box.index(">")]
