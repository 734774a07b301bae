"""Cold plans are started by coordinators or temperature readings, applied on time, and mentioned with every figure."""

import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from mapping.coverage.cells import cold_zones
from mapping.coverage.folding import fold
from mapping.models import CellState, Recompute, Zone
from mapping.out.report_figures.report_period import Period
from mapping.out.zone_reports import report_presenter
from mapping.out.zone_reports.compose import make_report
from mapping.plans.parameters import versions
from needs.base.cold_plans import plans, webhook_limits
from needs.base.cold_plans.plans import Draft
from needs.models import ColdPlan, ColdTrigger
from tests.forked_workers import Worker
from tests.support import Cast, City, Seen, SignedIn
from volunteers.models import Territory

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse


def url(slug: str = "ville") -> str:
    return reverse("mapping:cold", args=[slug])


@pytest.fixture
def diane(cast: Cast, signed_in: SignedIn, settings: Settings) -> Client:
    settings.MFA_REQUIRED = False
    return signed_in(cast.diane)


def begin(territory: Territory, **changes: Any) -> ColdPlan:
    """Start a cold plan that lasts two days."""
    values: dict[str, Any] = {
        "start": None, "end": timezone.now() + timedelta(days=2), "norm_factor": 2.0, "persons_factor": 1.0,
        "reason": "frost until Friday", **changes,
    }  # fmt: skip
    return plans.start(territory, Draft(**values), None)


# --- started by a coordinator ----------------------------------------------------------------------------------------


def test_only_coordinators_of_the_territory_see_the_page(cast: Cast, city: City, signed_in: SignedIn) -> None:
    plan = begin(city.root)
    ColdTrigger.objects.create(territory=city.root)
    pages = [url(), *(reverse(f"mapping:cold_{name}", args=["ville"]) for name in ("trigger", "key"))]
    for person in (cast.alice, cast.bob, cast.carol, cast.edith, cast.greta):
        client = signed_in(person)
        assert client.get(url()).status_code == 404
        for page in [*pages, reverse("mapping:cold_end", args=["ville", plan.pk])]:
            assert client.post(page, {"new": ""}).status_code == 404
    plan.refresh_from_db()
    assert plan.end is not None and plan.end > timezone.now()
    assert ColdTrigger.objects.get().key_hash == ""


def test_a_coordinator_starts_a_plan_and_ends_it_early(diane: Client, city: City, cast: Cast) -> None:
    data = {"norm_factor": "2,5", "persons_factor": "0.9", "reason": "frost", "start": "", "end": ""}
    assert diane.post(url(), data).status_code == 302
    plan = ColdPlan.objects.get()
    assert (plan.territory, plan.author, plan.norm_factor, plan.end) == (city.root, cast.diane, 2.5, None)
    page = diane.get(url()).content.decode()
    assert "2.5 times the norm" in page and "until further notice" in page and "data-pending" in page
    diane.post(reverse("mapping:cold_end", args=["ville", plan.pk]))
    plan.refresh_from_db()
    assert plan.end is not None and plan.end <= timezone.now()
    assert "Past plans" in diane.get(url()).content.decode()


def test_a_planned_plan_can_be_deleted(diane: Client, city: City) -> None:
    plan = begin(city.root, start=timezone.now() + timedelta(days=3), end=timezone.now() + timedelta(days=4))
    assert "Planned" in diane.get(url()).content.decode()
    diane.post(reverse("mapping:cold_end", args=["ville", plan.pk]))
    assert not ColdPlan.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"norm_factor": "0"}, "norm_factor"),
        ({"persons_factor": "11"}, "persons_factor"),
        ({"start": "2020-01-01T10:00"}, "start"),
        ({"end": "2020-01-01T10:00"}, "end"),
        ({"end": "2099-01-01T10:00"}, "end"),
    ],
)
def test_an_invalid_plan_is_refused(diane: Client, city: City, changes: dict[str, str], field: str) -> None:
    data = {"norm_factor": "2", "persons_factor": "1", "reason": "frost", "start": "", "end": "", **changes}
    answer = diane.post(url(), data)
    assert answer.status_code == 422 and f'id="id_{field}_error"' in answer.content.decode()
    assert not ColdPlan.objects.exists()


def test_two_plans_of_a_territory_do_not_overlap(city: City) -> None:
    begin(city.root)
    with pytest.raises(ValidationError):
        begin(city.root)
    begin(city.nord)  # a territory below may have its own plan
    begin(city.root, start=timezone.now() + timedelta(days=3), end=None)


def test_the_plan_of_a_district_overrides_that_of_its_city(city: City) -> None:
    whole, part = begin(city.root), begin(city.nord)
    now = timezone.now()
    assert plans.in_force_at(city.nord, now) == part and plans.in_force_at(city.sud, now) == whole
    assert plans.in_force_within(city.root, now) == [whole, part] and plans.in_force_within(city.sud, now) == [whole]
    assert plans.plans_of(city.sud, now).above == whole


# --- timing ---------------------------------------------------------------------------------------------------


def test_the_map_follows_when_a_plan_begins_and_when_it_ends(city: City, seen: Seen) -> None:
    seen()
    fold.fold_outbox()
    now = timezone.now()
    begin(city.nord, start=now + timedelta(hours=1), end=now + timedelta(hours=3), persons_factor=3.0)
    assert versions.catch_up(now + timedelta(minutes=59)) is None
    calm = dict(CellState.objects.filter(territory=city.nord.pk).values_list("cell", "mean"))
    run = versions.catch_up(now + timedelta(minutes=61))
    assert run is not None and run.job == "cold"
    assert set(Zone.objects.live().filter(territory=city.nord).values_list("cold", flat=True)) == {True}
    assert set(Zone.objects.live().filter(territory=city.sud).values_list("cold", flat=True)) == {False}
    frozen = dict(CellState.objects.filter(territory=city.nord.pk).values_list("cell", "mean"))
    assert sum(frozen.values()) > 1.5 * sum(calm.values())
    Recompute.objects.update(started_at=now + timedelta(minutes=61))
    assert versions.catch_up(now + timedelta(minutes=62)) is None
    assert versions.catch_up(now + timedelta(hours=3, seconds=1)) is not None
    assert not Zone.objects.live().filter(cold=True).exists()


def test_starting_or_ending_a_plan_schedules_a_recalculation_after_commit(
    city: City, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks() as stored:
        plan = begin(city.root)
    with django_capture_on_commit_callbacks() as ended:
        plans.stop(plan)
    assert [one.__name__ for one in (*stored, *ended)] == ["catch_up_soon", "catch_up_soon"]
    assert versions.plans_turned(timezone.now())


@pytest.mark.worker
@pytest.mark.django_db(transaction=True)
def test_the_worker_applies_a_plan_on_time(worker: Worker, cast: Cast, city: City) -> None:
    from tests.conftest import until

    begin(city.root, start=timezone.now() + timedelta(seconds=3), end=timezone.now() + timedelta(days=1))
    until(lambda: Zone.objects.live().filter(cold=True).exists(), 45)


# --- where it is shown ----------------------------------------------------------------------------------------------


def test_map_list_zone_why_page_dashboard_and_report_show_the_plan(diane: Client, city: City, cast: Cast) -> None:
    plan = begin(city.nord)
    versions.catch_up()
    words = "Cold plan in Nord, from "
    zone = Zone.objects.live().filter(territory=city.nord).first()
    other = Zone.objects.live().filter(territory=city.sud).first()
    assert zone is not None and other is not None
    for name, args in (("map", ["ville"]), ("dashboard", ["ville"]), ("map", ["nord"])):
        assert words in diane.get(reverse(f"mapping:{name}", args=args)).content.decode(), name
    assert words not in diane.get(reverse("mapping:map", args=["sud"])).content.decode()
    for name in ("zone", "why"):
        assert words in diane.get(reverse(f"mapping:{name}", args=["ville", zone.key])).content.decode()
        assert words not in diane.get(reverse(f"mapping:{name}", args=["ville", other.key])).content.decode()
    report = make_report(city.root, Period.latest(), cast.diane)
    assert report_presenter.present(report).cold == [cold_zones.line_of(zone)]
    assert words in diane.get(reverse("mapping:report", args=[report.pk])).content.decode()
    plans.stop(plan)
    versions.catch_up()
    assert words not in diane.get(reverse("mapping:map", args=["ville"])).content.decode()
    # The report is frozen, and with it the sentence about the plan.
    assert words in diane.get(reverse("mapping:report", args=[report.pk])).content.decode()
    assert (
        len(report_presenter.present(make_report(city.root, Period.latest(), cast.diane)).cold) == 1
    )  # the plan was active in the period


def test_a_zone_report_from_before_cold_plans_has_none(city: City, cast: Cast) -> None:
    report = make_report(city.root, Period.latest(), cast.diane)
    del report.payload["cold"]
    assert report_presenter.present(report).cold == []


def test_the_pdf_shows_the_plan(city: City, cast: Cast, tmp_path: Path) -> None:
    pypdf = pytest.importorskip("pypdf")
    from mapping.enums import ExportFormat
    from mapping.out.exports import report_files

    begin(city.root)
    versions.catch_up()
    report = make_report(city.root, Period.latest(), cast.diane)
    path = tmp_path / "report.pdf"
    with path.open("wb") as out:
        report_files.write_file(report, ExportFormat.PDF, out)
    assert "Cold plan in Ville" in " ".join(pypdf.PdfReader(path).pages[0].extract_text().split())


def test_associations_see_the_plan_of_their_release(city: City, cast: Cast, signed_in: SignedIn) -> None:
    from mapping.map.releases import release_filter
    from volunteers.enums import Audience

    release_filter.publish(Audience.ASSOCIATION, timezone.now() - timedelta(minutes=1))
    begin(city.root)
    assert "data-cold" not in signed_in(cast.bob).get(reverse("mapping:map", args=["nord"])).content.decode()
    release_filter.publish(Audience.ASSOCIATION, timezone.now())
    assert "data-cold" in signed_in(cast.bob).get(reverse("mapping:map", args=["nord"])).content.decode()


# --- the webhook ----------------------------------------------------------------------------------------------------


class Webhook:
    """The webhook of Ville. Calling the object sends a reading, with the right key unless another key is given."""

    def __init__(self, city: City) -> None:
        self.trigger = ColdTrigger.objects.create(territory=city.root, celsius=-2.0, hours=48)
        self.key = plans.new_key(city.root)

    def __call__(
        self,
        celsius: float = -3.5,
        at: datetime | str | None = None,
        *,
        body: str | bytes | None = None,
        given: str | None = None,
        slug: str = "ville",
    ) -> "_MonkeyPatchedWSGIResponse":
        when = at if isinstance(at, str) else (at or timezone.now()).isoformat()
        data = body if body is not None else json.dumps({"celsius": celsius, "at": when})
        return Client(enforce_csrf_checks=True).post(
            reverse("mapping:cold_hook", args=[slug]), data, content_type="application/json",
            headers={"Authorization": f"Bearer {self.key}" if given is None else given},
        )  # fmt: skip


@pytest.fixture
def hook(city: City) -> Webhook:
    """The webhook of Ville, with a threshold of -2 °C."""
    return Webhook(city)


def test_a_reading_at_the_threshold_starts_a_plan_and_one_above_does_not(hook: Webhook, city: City) -> None:
    answer = hook(-1.9)
    assert (answer.status_code, answer.json()) == (200, {"outcome": "none", "plan": None})
    answer = hook(-2)
    assert answer.status_code == 201 and answer.json()["outcome"] == "started"
    plan = ColdPlan.objects.get()
    assert plan.temperature == -2.0 and plan.territory == city.root and plan.author is None
    assert datetime.fromisoformat(answer.json()["plan"]["end"]) - timezone.now() > timedelta(hours=47)


def test_a_repeated_reading_changes_nothing_and_a_later_one_extends_the_plan(hook: Webhook) -> None:
    first = timezone.now() - timedelta(hours=2)
    hook(-3, first)
    before = list(ColdPlan.objects.values())
    again = hook(-3, first)
    assert again.status_code == 200 and again.json()["outcome"] == "unchanged"
    assert list(ColdPlan.objects.values()) == before
    later = hook(-6, first + timedelta(hours=1))
    assert later.json()["outcome"] == "extended"
    plan = ColdPlan.objects.get()
    assert plan.end == first + timedelta(hours=49) and plan.temperature == -6.0
    assert hook(-4, first - timedelta(hours=1)).json()["outcome"] == "unchanged"
    # A mild reading does not end the plan, which ends by itself.
    assert hook(5, first + timedelta(minutes=90)).json()["outcome"] == "unchanged"
    trigger = ColdTrigger.objects.get()
    assert (trigger.reading_celsius, trigger.reading_at) == (5.0, first + timedelta(minutes=90))


def test_readings_never_change_a_coordinators_plan_nor_restart_an_ended_one(hook: Webhook, city: City) -> None:
    plan = begin(city.root, end=timezone.now() + timedelta(hours=5))
    assert hook(-8).json()["outcome"] == "unchanged"
    assert ColdPlan.objects.get().end == plan.end
    plans.stop(plan)
    assert hook(-8).json()["outcome"] == "started"
    started = ColdPlan.objects.get(author=None, temperature=-8)
    plans.stop(started)
    assert hook(-8).json()["outcome"] == "none"
    ColdTrigger.objects.update(quiet_until=timezone.now() - timedelta(minutes=1))
    assert hook(-8).json()["outcome"] == "started"


def test_an_automatic_plan_ends_before_a_coordinators_next_plan(hook: Webhook, city: City) -> None:
    begins = timezone.now() + timedelta(hours=20)
    begin(city.root, start=begins, end=begins + timedelta(days=3))
    hook(-5, timezone.now() - timedelta(hours=1))
    assert ColdPlan.objects.get(temperature=-5).end == begins
    assert hook(-6).json()["outcome"] == "unchanged"


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer ", "Bearer wrong", "Basic eDp5", "wrong"])
def test_a_wrong_key_gets_the_same_answer_for_every_territory(hook: Webhook, given: str) -> None:
    answers = [hook(given=given, slug=slug) for slug in ("ville", "nord", "nowhere")]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1 and answers[0].json()["error"] == "key"
    assert not ColdPlan.objects.exists()


def test_a_key_is_valid_for_its_own_territory_until_it_is_replaced(hook: Webhook, city: City) -> None:
    ColdTrigger.objects.create(territory=city.nord)
    assert hook(slug="nord").status_code == 401
    plans.new_key(city.root)
    assert hook().status_code == 401
    plans.drop_key(city.root)
    assert hook(given="Bearer ").status_code == 401 and not ColdPlan.objects.exists()


@pytest.mark.parametrize(
    "body",
    ["", "{", "[]", "3", '"x"', "{}", '{"celsius": -3}', '{"celsius": "-3", "at": "2026-01-01T00:00:00Z"}',
     '{"celsius": NaN, "at": "2026-01-01T00:00:00Z"}', '{"celsius": true, "at": "x"}', '{"celsius": [], "at": {}}',
     '{"celsius": -3, "at": "2026-02-30T00:00:00Z"}', '{"celsius": 1e400, "at": "2026-01-01T00:00:00Z"}',
     b"\xff\xfe"],
)  # fmt: skip
def test_an_invalid_reading_is_refused_with_a_json_error(hook: Webhook, body: str | bytes) -> None:
    answer = hook(body=body)
    assert answer.status_code in (400, 422) and answer["Content-Type"] == "application/json"
    assert answer.json()["error"] in ("json", "fields") and answer.json()["message"]
    assert not ColdPlan.objects.exists()


def test_old_and_future_readings_and_times_without_offset_are_refused(hook: Webhook) -> None:
    now = timezone.now()
    for at in (now - timedelta(hours=7), now + timedelta(minutes=11), "2026-01-01T00:00:00", "yesterday"):
        answer = hook(-5, at)
        assert answer.status_code == 422 and "at" in answer.json()["fields"]
    assert hook(-61).json()["fields"]["celsius"] and not ColdPlan.objects.exists()


def test_other_methods_and_keys_in_the_address_are_refused(hook: Webhook, city: City) -> None:
    address = reverse("mapping:cold_hook", args=["ville"])
    assert Client().get(address).status_code == 405
    assert Client().post(f"{address}?key={hook.key}", "{}", content_type="application/json").status_code == 401


def test_the_webhook_is_throttled(hook: Webhook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook_limits, "READINGS_PER_HOUR", 3)
    assert [hook(5).status_code for _ in range(4)] == [200, 200, 200, 429]
    monkeypatch.setattr(webhook_limits, "WRONG_KEYS_PER_HOUR", 2)
    answers = [hook(given="Bearer wrong") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [401, 401, 429] and answers[2]["Retry-After"]


def test_the_key_is_shown_once_and_only_its_hash_is_stored(diane: Client, city: City) -> None:
    assert diane.post(reverse("mapping:cold_key", args=["ville"])).status_code == 404  # no threshold yet
    data = {"celsius": "-2,5", "norm_factor": "2", "persons_factor": "1", "hours": "24"}
    assert diane.post(reverse("mapping:cold_trigger", args=["ville"]), data).status_code == 302
    answer = diane.post(reverse("mapping:cold_key", args=["ville"]), {"new": ""})
    found = re.search(r"data-key>([^<]+)<", answer.content.decode())
    assert found is not None and "no-store" in answer["Cache-Control"]
    trigger = ColdTrigger.objects.get()
    assert trigger.celsius == -2.5 and trigger.key_hash == plans.hash_of(found[1]) and found[1] not in trigger.key_hash
    assert found[1] not in diane.get(url()).content.decode()
    assert plans.trigger_for("ville", found[1]) == trigger
    diane.post(reverse("mapping:cold_key", args=["ville"]), {"drop": ""})
    assert plans.trigger_for("ville", found[1]) is None


def test_a_reading_starts_a_plan_that_the_map_then_shows(hook: Webhook, diane: Client, city: City) -> None:
    hook(-4)
    assert versions.catch_up() is not None
    assert set(Zone.objects.live().values_list("cold", flat=True)) == {True}
    page = diane.get(url()).content.decode()
    assert "started by a reading of -4 °C" in page and "Last reading: -4 °C" in page
