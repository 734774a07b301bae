"""The page “What runs”: who sees it, its words and advice, and the settings to change."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core import checks
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from solidarity.ops.operation import deploy_checks, probe_words, probes
from solidarity.ops.operation.models import RedPart
from tests.support import Cast, SignedIn
from volunteers.models import User
from volunteers.people.audit.models import AuditEntry

PAGE = "/set-up/what-runs/"


@pytest.fixture
def farid(signed_in: SignedIn, cast: Cast) -> Client:
    return signed_in(cast.farid)


@pytest.fixture
def set_up(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings of a real site."""
    settings.SITE_URL = "https://solidarity.example"
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend"}}
    settings.BACKUP_KEY, settings.BASEMAP_URL, settings.DEMO = "age1…", "/streets.pmtiles", False
    settings.AUDIT_ANCHOR = Path("/dev/shm/solidarity/anchor.json")
    return settings


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.content.decode()))


def test_every_part_has_a_name_a_detail_and_a_cure() -> None:
    parts = {probe.__name__ for probe in (*probes.ESSENTIAL, *probes.OTHERS)}
    assert parts == set(probe_words.TITLES) == set(probe_words._CURES) == set(probe_words._DETAILS)


def test_a_red_part_comes_first_with_its_cure_and_since_when(
    farid: Client, alive: None, backed_up: Path, settings: Settings
) -> None:
    settings.DISK_FREE_PERCENT = 100
    since = timezone.now().replace(hour=10, minute=7)
    RedPart.objects.create(part="disk", since=since)
    answer = farid.get(PAGE)
    page = text_of(answer)
    assert "1 part does not work." in page
    assert re.search(r"Disk does not work \d+ % free\. Since .*:07", page)
    assert "What to do: Delete what is not needed" in page
    assert [line.part for line in answer.context["red"]] == ["disk"]
    settings.DISK_FREE_PERCENT = 0


def test_a_site_without_red_parts_says_so(farid: Client, alive: None, backed_up: Path, set_up: Settings) -> None:
    set_up.DISK_FREE_PERCENT, set_up.MFA_REQUIRED = 0, False
    page = text_of(farid.get(PAGE))
    assert "Everything works." in page
    assert "does not work" not in page
    assert "None: the settings suit a real site." in page


@pytest.mark.parametrize("person", ["alice", "bob", "carol", "diane", "greta"])
def test_nobody_but_administrators_sees_what_runs(person: str, signed_in: SignedIn, cast: Cast) -> None:
    assert signed_in(getattr(cast, person)).get(PAGE).status_code == 404
    assert not AuditEntry.objects.filter(verb="operation_read").exists()


def test_what_runs_needs_the_second_factor_and_is_written_down(farid: Client, cast: Cast, settings: Settings) -> None:
    settings.MFA_REQUIRED = True
    assert farid.get(PAGE)["Location"] == "/accounts/2fa/"
    settings.MFA_REQUIRED = False
    answer = farid.get(PAGE)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    entry = AuditEntry.objects.get(verb="operation_read")
    assert (entry.actor, entry.details) == (cast.farid.key, {})


def test_what_runs_is_linked_from_the_home_page_and_the_checklist(farid: Client) -> None:
    for address in ("/", "/set-up/"):
        assert f'href="{PAGE}"' in farid.get(address).content.decode()


# --- settings to change --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "name", "value"),
    [
        ("SOLIDARITY_SITE_URL", "SITE_URL", "http://127.0.0.1:8000"),
        ("SOLIDARITY_SITE_URL", "SITE_URL", "http://localhost"),
        ("SOLIDARITY_SITE_URL", "SITE_URL", "http://[::1]:8000"),
        ("SOLIDARITY_EMAIL_BACKEND", "MAILERS", {"default": {"BACKEND": "django.core.mail.backends.console.EmailBackend"}}),
        ("SOLIDARITY_BACKUP_KEY", "BACKUP_KEY", ""),
        ("SOLIDARITY_AUDIT_ANCHOR", "AUDIT_ANCHOR", None),
        ("BASEMAP_URL", "BASEMAP_URL", ""),
    ],
)  # fmt: skip
def test_a_setting_that_does_not_suit_a_real_site_is_named_with_its_cure(
    setting: str, name: str, value: Any, set_up: Settings, cast: Cast, tmp_path: Path
) -> None:
    set_up.BASEMAP_ROOT = tmp_path
    assert deploy_checks.findings() == []
    assert deploy_checks.check(None) == []
    setattr(set_up, name, value if value is not None else set_up.STATE / "audit" / "anchor.json")
    assert [finding.setting for finding in deploy_checks.findings()] == [setting]
    (message,) = deploy_checks.check(None)
    assert setting in message.msg
    assert message.hint
    assert (message.id or "").startswith("solidarity.W")
    assert message.level == checks.WARNING


def test_a_demonstration_beside_real_accounts_is_named(set_up: Settings, cast: Cast) -> None:
    set_up.DEMO = True
    assert [finding.setting for finding in deploy_checks.findings()] == ["SOLIDARITY_DEMO"]
    User.objects.update(is_active=False)
    User.objects.create_user("volunteer@demo.example", "a long password")
    assert deploy_checks.findings() == []


def test_the_settings_to_change_are_on_the_page(farid: Client, set_up: Settings) -> None:
    set_up.MFA_REQUIRED, set_up.BACKUP_KEY = False, ""
    page = text_of(farid.get(PAGE))
    assert "SOLIDARITY_BACKUP_KEY Back-ups are not encrypted" in page
    assert "SOLIDARITY_SITE_URL" not in page


def test_the_checks_run_only_with_deploy(set_up: Settings, cast: Cast) -> None:
    set_up.BACKUP_KEY = ""
    ids = {message.id for message in checks.run_checks(tags=["solidarity"], include_deployment_checks=True)}
    assert ids == {"solidarity.W003"}
    assert "solidarity" not in checks.registry.registry.tags_available(deployment_checks=False)
