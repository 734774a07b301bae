"""The page with the reports that the map cannot use: who sees it, what it shows, and that one tap tries them again."""

import re
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from mapping.coverage.folding import fold
from mapping.models import CellState, CellTouch, UnfoldedReport
from needs.enums import ReportKind
from needs.models import Encounter
from solidarity.ops.operation import metrics, probes
from solidarity.ops.operation.probes import State
from tests.ops.operation.test_what_runs import text_of
from tests.support import Cast, Seen, SignedIn
from volunteers.people.audit.models import AuditEntry

PAGE = "/set-up/unfolded/"


@pytest.fixture
def farid(signed_in: SignedIn, cast: Cast) -> Client:
    return signed_in(cast.farid)


def dead_letter(
    report: uuid.UUID,
    cell: int,
    attempts: int = UnfoldedReport.ATTEMPTS,
    error: str = "RaiseException",
) -> UnfoldedReport:
    return UnfoldedReport.objects.create(
        id=UnfoldedReport.objects.count() + 1, kind=ReportKind.ENCOUNTER, report=report, new_cell=cell,
        at=timezone.now() - timedelta(hours=2), attempts=attempts, error=error,
        retry_at=timezone.now() + timedelta(minutes=5),
    )  # fmt: skip


def test_one_tap_tries_all_dead_letters_again(farid: Client, cast: Cast, seen: Seen) -> None:
    filed = seen(persons=4, minutes=30)
    cell = Encounter.objects.get(pk=filed.id).cell
    assert cell is not None
    CellTouch.objects.all().delete()
    dead_letter(filed.id, cell)
    assert (fold.fold_outbox(), fold.retry_unfolded()) == (0, 0)
    assert probes.unfolded() == probes.Reading("unfolded", State.RED, {"retried": 0.0, "given_up": 1.0})
    page = text_of(farid.get(PAGE))
    assert "Failed too often" in page and "Cause: RaiseException." in page and "5 attempts." in page
    assert "2 hours ago" in page.replace("\N{NO-BREAK SPACE}", " ")
    assert farid.post(PAGE)["Location"] == PAGE
    assert "Failed too often None." in text_of(farid.get(PAGE))
    assert fold.retry_unfolded() == 1
    assert CellState.objects.get(cell=cell).a == pytest.approx(4, rel=1e-2)
    assert probes.unfolded().state is State.OK
    entry = AuditEntry.objects.get(verb="folds_retried")
    assert (entry.actor, entry.details) == (cast.farid.key, {"reports": 1})


def test_a_report_of_two_regions_is_one_line(farid: Client) -> None:
    tour = uuid.uuid4()
    for cell, attempts in ((0x8928308280FFFFF, 5), (0x891FB46625BFFFF, 6), (0x891FB46625BFFFF, 5)):
        dead_letter(tour, cell, attempts)
    dead_letter(tour, 0x891FB46625BFFFF, error="DeadlockDetected")
    answer = farid.get(PAGE)
    assert answer.content.decode().count("data-attempts") == 1
    assert "Cause: DeadlockDetected, RaiseException. 6 attempts." in text_of(answer)


def test_a_long_list_has_pages(farid: Client) -> None:
    for _ in range(26):
        dead_letter(uuid.uuid4(), 0x8928308280FFFFF)
        dead_letter(uuid.uuid4(), 0x8928308280FFFFF, attempts=2)
    first, second = (farid.get(PAGE, {"page": page}) for page in (1, 2))
    assert [page.content.decode().count("data-attempts") for page in (first, second)] == [50, 2]
    assert text_of(first).count("Page 1 of 2") == text_of(second).count("Page 2 of 2") == 1


def test_the_page_shows_no_place_no_name_and_no_id(farid: Client, cast: Cast, seen: Seen) -> None:
    filed = seen(persons=4, minutes=30)
    cell = Encounter.objects.get(pk=filed.id).cell
    assert cell is not None
    dead_letter(filed.id, cell)
    dead_letter(uuid.uuid4(), cell, attempts=2)
    answer = farid.get(PAGE)
    page = answer.content.decode()
    assert "Tried again soon" in page
    assert "no-store" in answer["Cache-Control"]
    for secret in (str(filed.id), str(cell), f"{cell:x}", cast.maraude.name):
        assert secret not in page
    assert not re.search(r"48\.8|2\.3\d", text_of(answer))


@pytest.mark.parametrize("person", ["alice", "bob", "carol", "diane", "greta"])
def test_nobody_but_administrators_opens_it(person: str, signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in(getattr(cast, person))
    row = dead_letter(uuid.uuid4(), 0x8928308280FFFFF)
    assert (client.get(PAGE).status_code, client.post(PAGE).status_code) == (404, 404)
    row.refresh_from_db()
    assert row.attempts == UnfoldedReport.ATTEMPTS


def test_what_runs_names_dead_letters_and_leads_to_them(farid: Client, alive: None) -> None:
    dead_letter(uuid.uuid4(), 0x8928308280FFFFF)
    page = farid.get("/set-up/what-runs/")
    assert "1 report failed too often." in text_of(page)
    assert f'href="{PAGE}"' in page.content.decode()


def test_the_metrics_have_the_age_of_each_region_and_the_dead_letters(cast: Cast, seen: Seen) -> None:
    seen()
    region = CellTouch.objects.get().region
    CellTouch.objects.update(at=timezone.now() - timedelta(seconds=90))
    dead_letter(uuid.uuid4(), 0x8928308280FFFFF)
    text = metrics.text_of([probes.outbox(), probes.unfolded()]).decode()
    age = re.search(rf'solidarity_outbox_region_age_seconds{{region="{region:x}"}} ([\d.]+)', text)
    assert age is not None and float(age[1]) == pytest.approx(90, abs=5)
    assert "solidarity_unfolded_dead_letters 1.0" in text
    assert 'solidarity_part_up{part="unfolded"} 0.0' in text
