"""Security headers of every response, and settings that a production deployment refuses at its start."""

import base64
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.access.test_malformed_requests import addresses_without_arguments
from tests.conftest import PASSWORD
from tests.support import Cast, City, SignedIn

ROOT = settings.ROOT


def production(tmp_path: Path, **changes: str) -> dict[str, str]:
    """Return the environment of a deployment that follows the README, with fresh secrets.

    ``manage.py check`` connects to the database, because computed columns make it ask for the database's version.
    """
    database = settings.DATABASES["default"]
    parts = ("HOST", "PORT", "NAME", "USER", "PASSWORD")
    return {f"SOLIDARITY_DB_{part}": str(database[part]) for part in parts} | {
        "PATH": os.environ["PATH"], "SOLIDARITY_STATE": str(tmp_path), "PYTHONWARNINGS": "ignore",
        "SOLIDARITY_SECRET_KEY": secrets.token_urlsafe(50),
        "SOLIDARITY_FIELD_KEY": base64.urlsafe_b64encode(os.urandom(32)).decode(),
        "SOLIDARITY_AUDIT_KEY": secrets.token_urlsafe(50), "SOLIDARITY_DEMO": "0", "SOLIDARITY_DEBUG": "0",
        "SOLIDARITY_HTTPS": "1", "SOLIDARITY_BEHIND_PROXY": "1", "SOLIDARITY_ALLOWED_HOSTS": "solidarity.example",
        "SOLIDARITY_EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend", **changes,
    }  # fmt: skip


def python(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_the_deployment_check_finds_nothing(tmp_path: Path) -> None:
    set_up = {
        "SOLIDARITY_SITE_URL": "https://solidarity.example", "SOLIDARITY_BACKUP_KEY": "age1example",
        "BASEMAP_URL": "/streets.pmtiles", "SOLIDARITY_AUDIT_ANCHOR": "/dev/shm/anchor.json",
    }  # fmt: skip
    done = python(production(tmp_path, **set_up), "manage.py", "check", "--deploy", "--fail-level", "INFO")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no issues (0 silenced)" in done.stdout


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("SOLIDARITY_SECRET_KEY", None, "SOLIDARITY_SECRET_KEY is missing"),
        ("SOLIDARITY_SECRET_KEY", "", "too weak"),
        ("SOLIDARITY_SECRET_KEY", "short", "too weak"),
        ("SOLIDARITY_SECRET_KEY", "ab" * 40, "too weak"),
        ("SOLIDARITY_SECRET_KEY", "django-insecure-9f3bQ7xkLm2vTz8Rw1yUe5Ja0Hc4GdNs6PiKoXqBtVrMzYlEfWu", "too weak"),
        ("SOLIDARITY_FIELD_KEY", None, "SOLIDARITY_FIELD_KEY is missing"),
        ("SOLIDARITY_FIELD_KEY", "build", "is no key"),
        ("SOLIDARITY_FIELD_KEY", base64.urlsafe_b64encode(bytes(32)).decode(), "is no key"),
    ],
)
def test_the_server_refuses_to_start_with_weak_secrets(tmp_path: Path, name: str, value: str | None, says: str) -> None:
    from django.core.exceptions import ImproperlyConfigured

    from solidarity import env

    read = {
        "SOLIDARITY_SECRET_KEY": lambda: env.secret(name, weak=False),
        "SOLIDARITY_FIELD_KEY": lambda: env.fernet_key(name),
    }
    before = dict(env._VALUES)
    env._VALUES.pop(name, None)
    env._VALUES |= {name: value} if value is not None else {}
    try:
        with pytest.raises(ImproperlyConfigured, match=says):
            read[name]()
    finally:
        env._VALUES.clear()
        env._VALUES.update(before)


def test_a_production_server_does_not_even_start_with_a_demo_secret(tmp_path: Path) -> None:
    weak = production(
        tmp_path, SOLIDARITY_SECRET_KEY="the secret of a demonstration, long enough to pass by its length"
    )
    start = ("-c", "import solidarity.wsgi")
    refused = python(weak, *start)
    assert refused.returncode != 0
    assert "too weak to protect anybody" in refused.stderr
    demo = python({**weak, "SOLIDARITY_DEMO": "1", "SOLIDARITY_STATIC_FROM_SOURCE": "1"}, *start)
    assert demo.returncode == 0, demo.stderr


def test_no_secret_has_a_default() -> None:
    text = (ROOT / "solidarity" / "settings.py").read_text()
    for call in ('env.secret("SOLIDARITY_SECRET_KEY", weak=DEMO or DEBUG)', 'env.fernet_key("SOLIDARITY_FIELD_KEY")'):
        assert call in text


# --- every answer --------------------------------------------------------------------------------------------------

PATHS = (
    "/",
    "/about/",
    "/accounts/login/",
    "/help/",
    "/no/such/page/",
    "/api/v1/me/",
    "/static/solidarity/base.js",
    "/static/solidarity/icons.svg",
    "/health/",
    "/health/ready",
    "/metrics",
)


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_every_response_has_the_security_headers(client: Client, path: str) -> None:
    said = client.get(path).headers
    assert said["Referrer-Policy"] == "same-origin"
    assert said["X-Content-Type-Options"] == "nosniff"
    assert said["Cross-Origin-Opener-Policy"] == "same-origin"
    assert said["Cross-Origin-Resource-Policy"] == "same-origin"
    if path.endswith(".js"):
        return  # the permissions of a page; its parts have none of their own
    allowed = dict(part.split("=") for part in said["Permissions-Policy"].split(", "))
    for name in ("geolocation", "camera", "microphone"):
        assert allowed[name] == "(self)"
    for name in ("payment", "usb", "browsing-topics", "display-capture"):
        assert allowed[name] == "()"


@pytest.mark.django_db
def test_no_page_of_a_signed_in_reader_is_stored(cast: Cast, city: City, signed_in: SignedIn) -> None:
    """The role's menu of a shared computer stayed in its cache for an hour, on pages that everybody may see."""
    client, pages = signed_in(cast.diane), 0
    for address in addresses_without_arguments():
        answer = client.get(address)
        if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html"):
            said = answer.headers["Cache-Control"]
            assert "private" in said and ("no-store" in said or "no-cache" in said), (address, said)
            pages += 1
    assert pages > 30
    for address in ("/about/", "/help/", "/map/public/", "/moderation/figures/"):
        assert client.get(address).headers["Cache-Control"] == "private, no-store"
    assert "no-store" not in Client().get("/about/").headers.get("Cache-Control", "")


@pytest.mark.django_db
def test_the_content_policy_allows_nothing_inline_and_nobody_else(client: Client) -> None:
    for path in ("/", "/accounts/login/", "/no/such/page/", "/api/docs/"):
        policy = client.get(path).headers["Content-Security-Policy"]
        rules = {rule.split()[0]: rule.split()[1:] for rule in policy.split("; ")}
        assert rules["default-src"] == rules["script-src"] == rules["style-src"] == ["'self'"], path
        assert rules["object-src"] == rules["frame-ancestors"] == rules["base-uri"] == rules["frame-src"] == ["'none'"]
        assert rules["form-action"] == rules["connect-src"] == ["'self'"]
        for word in ("unsafe-inline", "unsafe-eval", "unsafe-hashes", "http:", "https:", "*", "report-"):
            assert word not in policy


def test_https_enables_its_security_settings(tmp_path: Path) -> None:
    code = (
        "from django.conf import settings as s; print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, "
        "s.LANGUAGE_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS, s.SECURE_HSTS_INCLUDE_SUBDOMAINS)"
    )
    said = [
        python({**production(tmp_path, **changes), "DJANGO_SETTINGS_MODULE": "solidarity.settings"}, "-c", code).stdout
        for changes in ({}, {"SOLIDARITY_HSTS_SECONDS": "60"}, {"SOLIDARITY_HTTPS": "0"})
    ]
    assert said == [
        "True True True True 31536000 True\n",
        "True True True True 60 True\n",
        "False False False False 0 False\n",
    ]


@pytest.mark.django_db
def test_cookies_are_protected_from_scripts_and_other_sites(cast: Cast) -> None:
    client = Client()
    client.get(reverse("account_login"))
    client.post(reverse("account_login"), {"login": cast.alice.email, "password": PASSWORD})
    for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
        assert client.cookies[name]["httponly"] is True
        assert client.cookies[name]["samesite"] == "Lax"
