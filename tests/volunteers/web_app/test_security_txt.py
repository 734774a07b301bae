"""/.well-known/security.txt (RFC 9116)."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings


@pytest.mark.parametrize(
    ("contact", "line"),
    [
        ("weak@solidarity.example", "mailto:weak@solidarity.example"),
        ("https://solidarity.example/report", "https://solidarity.example/report"),
    ],
)
def test_security_txt_says_where_to_report_a_weakness(
    client: Client, settings: Settings, contact: str, line: str
) -> None:
    settings.SECURITY_CONTACT, settings.SITE_URL = contact, "https://solidarity.example"
    answer = client.get("/.well-known/security.txt", headers={"host": "localhost"})
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    fields = dict(each.split(": ", 1) for each in answer.content.decode().splitlines())
    assert fields["Contact"] == line
    assert fields["Preferred-Languages"] == "en, fr"
    assert fields["Canonical"] == "https://solidarity.example/.well-known/security.txt"
    left = datetime.fromisoformat(fields["Expires"]) - timezone.now()
    assert timedelta(days=90) < left < timedelta(days=365)


def test_without_an_own_contact_it_names_the_sites_address(client: Client, settings: Settings) -> None:
    from solidarity import settings as source

    assert source.SECURITY_CONTACT == source.DEFAULT_FROM_EMAIL
    assert f"mailto:{settings.DEFAULT_FROM_EMAIL}" in client.get("/.well-known/security.txt").content.decode()
