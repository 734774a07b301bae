"""Retention: each rule applies at its age and not earlier. Unsafe periods are refused. Every field has a rule."""

import json
import os
import re
import subprocess
import sys
import uuid
from collections.abc import Iterable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.conf import settings
from django.contrib.gis.db.models.fields import BaseSpatialField
from django.core.management import CommandError, call_command
from django.db import InternalError, models, transaction
from django.utils import timezone

from needs.base.records.declarations import DraftPlace, PresenceDraft
from needs.base.retention_rules import pseudonyms, registry, retention_periods
from needs.doors.retention import runner
from needs.enums import NeedState
from needs.models import Encounter, Erasure, Need, NeedStep, RetentionRun, SourceKey, Tour
from needs.reports import filing
from solidarity.lib import field_encryption
from tests.conftest import ROOT
from tests.needs.triage.triage_cases import reported
from tests.support import Cast, Seen, SignedIn

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SAFE = {name: getattr(settings, name) for name in (*retention_periods.PERIODS, "NEED_EXPIRES_DAYS")}


def aged[M: models.Model](row: M, age: timedelta) -> M:
    """Change the filing time of a report to an age."""
    type(row)._default_manager.filter(pk=row.pk).update(filed_at=timezone.now() - age)
    return row


# --- coverage ---------------------------------------------------------------------------------------------------

_PERSONAL_TYPES = (models.TextField, models.BinaryField, models.JSONField, models.GenericIPAddressField, models.EmailField,
            models.URLField, models.FileField, BaseSpatialField)  # fmt: skip
_PERSONAL_NAMES = re.compile(
    r"fine_cell|source$|origin|contact$|phone|device|address|agent|(^|_)ip($|_)|hash|text|note|reason"
)


def could_be_personal(field: Any) -> bool:
    """Return whether a column could hold personal data or a place, according to its type and name."""
    if isinstance(field, _PERSONAL_TYPES):
        return True
    long = isinstance(field, models.CharField) and not field.choices and (field.max_length or 999) >= 60
    named = (
        _PERSONAL_NAMES.search(field.name) is not None
        and not field.choices
        and not isinstance(field, models.BooleanField)
    )
    return long or named


def uncovered_fields(models_of: Iterable[type[models.Model]]) -> list[str]:
    """Return the labels of fields that may be personal and have neither a rule nor a reason."""
    covered = {label for rule in registry.rules() for label in rule.covers} | set(registry.kept_with_reason())
    found = []
    for model in models_of:
        meta = model._meta
        if {meta.label, meta.app_label} & covered:
            continue
        found += [
            f"{meta.label}.{field.name}"
            for field in meta.concrete_fields
            if not field.is_relation and could_be_personal(field) and f"{meta.label}.{field.name}" not in covered
        ]
    return found


def test_every_possibly_personal_field_has_a_rule_or_a_reason() -> None:
    assert uncovered_fields(apps.get_models()) == []
    assert all(len(reason) > 8 for reason in registry.kept_with_reason().values())


def test_an_undeclared_field_is_reported() -> None:
    class Diary(models.Model):
        remark = models.TextField()
        where = models.CharField(max_length=200)
        fine_cell = models.BigIntegerField()
        count = models.IntegerField()

        class Meta:
            app_label = "needs"
            managed = False

        def __str__(self) -> str:
            return "diary"

    try:
        assert uncovered_fields([Diary]) == ["needs.Diary.remark", "needs.Diary.where", "needs.Diary.fine_cell"]
    finally:
        del apps.all_models["needs"]["diary"]
        apps.clear_cache()


def test_every_declared_label_exists() -> None:
    labels = {label for rule in registry.rules() for label in rule.covers} | set(registry.kept_with_reason())
    for label in labels:
        parts = label.split(".")
        if len(parts) == 3:
            apps.get_model(parts[0], parts[1])._meta.get_field(parts[2])
        elif len(parts) == 2:
            apps.get_model(parts[0], parts[1])
        else:
            apps.get_app_config(label)
    assert {rule.period for rule in registry.rules()} <= {"", *retention_periods.PERIODS}


# --- periods ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "value", "cure"),
    [
        ("EXACT_POINT_HOURS", 73, "set it to 72"),
        ("EXACT_POINT_HOURS", 0, "set it to 1"),
        ("FINE_CELL_DAYS", 8, "set it to 7"),
        ("FREE_TEXT_DAYS", 15, "set it to 14"),
        ("PHOTO_DAYS", -1, "set it to 1"),
        ("REPORT_DAYS", 61, "set it to 60"),
        ("REPORT_DAYS", 31, "set it to 32"),
        ("IP_HOURS", 25, "set it to 24"),
        ("BACKUP_DAYS", 31, "set it to 30"),
        ("FINE_CELL_DAYS", 2, "make SOLIDARITY_EXACT_POINT_HOURS shorter"),
        ("NEED_EXPIRES_DAYS", 90, "SOLIDARITY_REPORT_DAYS longer"),
    ],
)
def test_an_unsafe_period_is_refused_with_its_remedy(setting: str, value: int, cure: str) -> None:
    found = retention_periods.problems({**SAFE, setting: value})
    assert len(found) == 1
    assert f"SOLIDARITY_{setting}" in found[0]
    assert cure in found[0]


def test_the_defaults_and_shorter_periods_are_safe() -> None:
    assert retention_periods.problems(SAFE) == []
    assert retention_periods.problems({**SAFE, "EXACT_POINT_HOURS": 24, "REPORT_DAYS": 40, "IP_HOURS": 1}) == []


def test_nothing_starts_with_an_unsafe_period() -> None:
    ran = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env={**os.environ, "SOLIDARITY_EXACT_POINT_HOURS": "96"},
        capture_output=True, text=True,
    )  # fmt: skip
    assert ran.returncode != 0
    assert "SOLIDARITY_EXACT_POINT_HOURS is 96" in ran.stderr
    assert "set it to 72" in ran.stderr


# --- the rules -------------------------------------------------------------------------------------------------------


def test_points_are_reduced_to_resolution_10_and_then_to_9(cast: Cast, seen: Seen) -> None:
    old = aged(Encounter.objects.get(pk=seen(place_text="12 rue du Nord").id), 73 * HOUR)
    young = aged(Encounter.objects.get(pk=seen().id), 71 * HOUR)
    tour = filing.start_tour(association=cast.maraude.pk, author=None, at=timezone.now() - 73 * HOUR)
    tour_row = Tour.objects.get(pk=tour.id)
    filing.close_tour(tour_row, ended_at=None, line=[(2.35, 48.866), (2.351, 48.867)])
    runner.run()
    old.refresh_from_db()
    young.refresh_from_db()
    tour_row.refresh_from_db()
    assert (old.point, old.place_text, tour_row.line) == (None, "", None)
    assert old.fine_cell
    assert young.point
    assert tour_row.cells.exists()
    aged(old, 8 * DAY)
    runner.run()
    old.refresh_from_db()
    assert old.fine_cell is None
    assert old.cell


def test_texts_are_deleted_after_two_weeks_except_a_shared_note(cast: Cast, seen: Seen) -> None:
    mine = aged(Encounter.objects.get(pk=seen(note="by the church").id), 15 * DAY)
    shared = aged(Encounter.objects.get(pk=seen(note="by the park", note_pinned=True).id), 15 * DAY)
    young = aged(reported(text="a blanket", place_text="under the bridge", title="cold"), 13 * DAY)
    old = aged(reported(text="a blanket", place_text="under the bridge", title="cold"), 15 * DAY)
    NeedStep.objects.create(need=old, state=NeedState.VERIFIED, at=timezone.now() - 15 * DAY, text="called")
    runner.run()
    for row in (mine, shared, young, old):
        row.refresh_from_db()
    assert (mine.note, shared.note) == ("", "by the park")
    assert (young.title, young.text, young.place_text) == ("cold", "a blanket", "under the bridge")
    assert (old.title, old.text, old.place_text) == ("", "", "")
    assert not old.steps.exclude(text="").exists()


def test_a_contact_is_deleted_two_weeks_after_its_need_is_closed(cast: Cast) -> None:
    rows = {}
    for name, state, age in (("open", "open", 20), ("met", "met", 15), ("fresh", "met", 13)):
        rows[name] = reported(contact="06 12 34 56 78", state=state)
        Need.objects.filter(pk=rows[name].pk).update(state_at=timezone.now() - age * DAY)
    runner.run()
    kept = {name for name, row in rows.items() if Need.objects.get(pk=row.pk).contact is not None}
    assert kept == {"open", "fresh"}


def test_an_archive_is_exempt(cast: Cast) -> None:
    at = timezone.now() - 300 * DAY
    draft = PresenceDraft(at=at, place=DraftPlace(48.866, 2.35), source="311", text="a tent")
    filing.report_presence(draft, extra=filing.Extra(archive=True, filed_at=at))
    done = runner.run()
    assert done.total == 0
    assert done.failed == []


def test_network_addresses_of_devices_are_deleted_after_a_day(cast: Cast) -> None:
    now = timezone.now()
    for age, address in ((25, "192.0.2.7"), (23, "192.0.2.8")):
        made = UserSession.objects.create(
            user=cast.bob, ip=address, last_seen_at=now - age * HOUR, session_key=uuid.uuid4().hex, user_agent="x"
        )
        UserSession.objects.filter(pk=made.pk).update(last_seen_at=now - age * HOUR)
    runner.run()
    assert set(UserSession.objects.values_list("ip", flat=True)) == {"0.0.0.0", "192.0.2.8"}


def test_a_device_is_one_source_for_a_month_and_cannot_be_linked_later(db: None) -> None:
    now = timezone.now()
    last_month = timezone.localtime(now).replace(day=1) - DAY
    first, again = pseudonyms.pseudonym("device", now), pseudonyms.pseudonym("device", now)
    before = pseudonyms.pseudonym("device", last_month)
    assert first == again
    assert len({first, before, pseudonyms.pseudonym("another", now)}) == 3
    runner.run()
    assert list(SourceKey.objects.values_list("month", flat=True)) == [pseudonyms.month_of(now)]
    assert pseudonyms.pseudonym("device", last_month) != before
    assert pseudonyms.pseudonym("device", now) == first
    assert b"secret" not in bytes(SourceKey.objects.get(month=pseudonyms.month_of(now)).secret)
    assert field_encryption.decrypt(SourceKey.objects.get(month=pseudonyms.month_of(now)).secret)


# --- the run ---------------------------------------------------------------------------------------------------------


def test_a_dry_run_counts_the_same_and_changes_nothing(cast: Cast, seen: Seen) -> None:
    row = aged(Encounter.objects.get(pk=seen(note="by the church").id), 15 * DAY)
    out = StringIO()
    call_command("retention", "--dry-run", "--json", stdout=out)
    result = json.loads(out.getvalue())
    row.refresh_from_db()
    assert row.point
    assert row.note
    assert result["rules"]["points"] == result["rules"]["words"] == result["rules"]["fine_cells"] == 1
    assert runner.run().counts == result["rules"]
    assert runner.run().total == 0
    assert list(RetentionRun.objects.order_by("pk").values_list("dry_run", flat=True)) == [True, False, False]


def test_a_failing_rule_does_not_stop_the_others(cast: Cast, seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_now: Any) -> Any:
        raise RuntimeError("a note by the church")

    broken_rule = registry.RowRule("broken", "", "", (), broken)
    monkeypatch.setattr(registry, "_rules", {"broken": broken_rule, **registry._rules})
    row = aged(Encounter.objects.get(pk=seen().id), 73 * HOUR)
    with pytest.raises(CommandError, match="broken"):
        call_command("retention", stdout=StringIO())
    row.refresh_from_db()
    assert row.point is None
    assert RetentionRun.objects.latest().failed == ["broken"]


def test_erasure_records_cannot_be_changed_or_deleted(db: None) -> None:
    Erasure.objects.create(kind="need", digest="0" * 64)
    with pytest.raises(InternalError, match="only grows"), transaction.atomic():
        Erasure.objects.all().delete()
    with pytest.raises(InternalError, match="only grows"), transaction.atomic():
        Erasure.objects.update(kind="other")


# --- the page --------------------------------------------------------------------------------------------------------


def test_coordinators_see_the_periods_and_the_latest_run(cast: Cast, seen: Seen, signed_in: SignedIn) -> None:
    aged(Encounter.objects.get(pk=seen().id), 73 * HOUR)
    empty = signed_in(cast.diane).get("/map/retention/").content.decode()
    assert "No run yet" in empty
    runner.run()
    page = signed_in(cast.diane).get("/map/retention/").content.decode()
    assert "72 hours" in page
    assert "60 days" in page or "REPORT_DAYS" not in {rule.period for rule in registry.rules()}
    assert "1 item deleted" in page
    for other in (cast.bob, cast.alice):
        assert signed_in(other).get("/map/retention/").status_code == 404
