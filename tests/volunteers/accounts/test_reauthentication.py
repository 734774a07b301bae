"""Reauthentication before sensitive actions."""

import time

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from mapping.models import Export, ZoneReport
from mapping.out.exports import export_jobs
from mapping.out.report_figures.report_period import Period
from mapping.out.zone_reports.compose import make_report
from tests.conftest import PASSWORD, sign_in
from tests.support import Cast, City
from volunteers.models import ApiToken, AuditEntry, User
from volunteers.people.audit.verbs import Verb

PROOF = "/accounts/reauthenticate/"


def stale(user: User) -> Client:
    return sign_in(Client(), user, seconds_ago=601)


def rows_form(city: City) -> dict[str, str]:
    today = timezone.localdate().isoformat()
    return {"territory": "ville", "start": today, "end": today, "format": "csv", "choice": "week"}


@pytest.fixture
def report(cast: Cast, city: City) -> ZoneReport:
    return make_report(city.root, Period.latest(), cast.diane)


def test_an_export_long_after_sign_in_asks_for_a_proof_and_then_continues(cast: Cast, report: ZoneReport) -> None:
    client = stale(cast.diane)
    address = reverse("mapping:report_file", args=[report.pk])
    sent = client.post(address, {"format": "csv"})
    assert sent.status_code == 302
    assert sent["Location"].startswith(PROOF)
    assert not Export.objects.exists()
    assert client.post(sent["Location"], {"password": "not mine"}).status_code == 200
    assert not Export.objects.exists()
    done = client.post(sent["Location"], {"password": PASSWORD})
    export = Export.objects.get()
    assert done["Location"] == reverse("mapping:export", args=[export.pk])
    again = client.post(address, {"format": "xlsx"})
    assert not again["Location"].startswith(PROOF)


def test_an_htmx_request_goes_to_the_proof_and_then_to_the_file(cast: Cast, report: ZoneReport) -> None:
    client = stale(cast.diane)
    sent = client.post(
        reverse("mapping:report_file", args=[report.pk]), {"format": "csv"}, headers={"HX-Request": "true"}
    )
    assert (sent.status_code, sent.content) == (204, b"")
    assert sent["HX-Redirect"].startswith(PROOF)
    done = client.post(sent["HX-Redirect"], {"password": PASSWORD})
    assert done["Location"] == reverse("mapping:export", args=[Export.objects.get().pk])


@pytest.mark.django_db(transaction=True)
def test_downloading_a_file_needs_a_fresh_proof_and_is_recorded(cast: Cast, report: ZoneReport) -> None:
    from mapping.enums import ExportFormat

    export = export_jobs.ask_for_report_file(report, ExportFormat.CSV, cast.diane)
    export_jobs.run(export.pk)
    client, address = stale(cast.diane), reverse("mapping:export_file", args=[export.pk])
    sent = client.get(address)
    assert sent["Location"].startswith(PROOF)
    assert not AuditEntry.objects.filter(verb=Verb.EXPORT_FETCHED).exists()
    done = client.post(sent["Location"], {"password": PASSWORD})
    assert done["Location"] == reverse("mapping:export", args=[export.pk])
    assert client.get(address).status_code == 200
    entry = AuditEntry.objects.get(verb=Verb.EXPORT_FETCHED)
    assert (entry.actor, entry.scope, entry.details["format"]) == (cast.diane.key, "ville", "csv")


def test_creating_a_token_needs_a_fresh_proof(cast: Cast) -> None:
    client, form = stale(cast.alice), {"name": "mine", "scope": "read", "days": "30"}
    sent = client.post(reverse("volunteers:tokens"), form)
    assert sent["Location"].startswith(PROOF)
    assert not ApiToken.objects.exists()
    done = client.post(sent["Location"], {"password": PASSWORD})
    assert (done.status_code, ApiToken.objects.count()) == (201, 1)


def test_permission_is_checked_before_the_proof(cast: Cast, report: ZoneReport) -> None:
    for user in (cast.alice, cast.carol):
        assert stale(user).post(reverse("mapping:report_file", args=[report.pk]), {"format": "csv"}).status_code == 404


def test_signing_in_with_a_password_is_a_proof_for_a_while(cast: Cast, settings: Settings) -> None:
    client = Client()
    assert client.post(reverse("account_login"), {"login": cast.alice.email, "password": PASSWORD}).status_code == 302
    form = {"name": "mine", "scope": "read", "days": "30"}
    assert client.post(reverse("volunteers:tokens"), form).status_code == 201
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
    assert client.post(reverse("volunteers:tokens"), form)["Location"].startswith(PROOF)


def test_the_proof_of_another_person_in_the_same_browser_does_not_count(cast: Cast) -> None:
    client = sign_in(Client(), cast.alice)
    session = client.session
    session["account_authentication_methods_user"] = str(cast.bob.pk)
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session.save()
    form = {"name": "mine", "scope": "read", "days": "30"}
    assert client.post(reverse("volunteers:tokens"), form)["Location"].startswith(PROOF)


# --- the administration --------------------------------------------------------------------------------------------


def test_the_admin_site_has_no_sign_in_page_of_its_own(cast: Cast, settings: Settings) -> None:
    settings.DJANGO_ADMIN = True
    assert Client().get("/admin/", follow=True).redirect_chain[-1][0] == "/accounts/login/?next=/admin/"
    posted = Client().post("/admin/login/", {"username": cast.farid.email, "password": PASSWORD})
    assert posted["Location"].startswith("/accounts/login/")
    for address in ("/admin/", "/admin/login/", "/admin/volunteers/user/", "/admin/no/such/"):
        assert sign_in(Client(), cast.diane).get(address).status_code == 404


def test_a_change_in_the_admin_site_needs_a_fresh_proof_and_is_recorded(cast: Cast, settings: Settings) -> None:
    settings.DJANGO_ADMIN = True
    address = f"/admin/volunteers/user/{cast.greta.pk}/change/"
    form = {"email": cast.greta.email, "display_name": "Greta B", "is_active": "on"}
    client = stale(cast.farid)
    assert client.get(address).status_code == 200
    sent = client.post(address, form)
    assert sent["Location"].startswith(PROOF)
    cast.greta.refresh_from_db()
    assert cast.greta.display_name == "Greta"
    assert client.post(sent["Location"], {"password": PASSWORD}).status_code == 302
    cast.greta.refresh_from_db()
    assert cast.greta.display_name == "Greta B"
    entry = AuditEntry.objects.get(verb=Verb.ADMINISTERED)
    assert (entry.actor, entry.kind, entry.details) == (cast.farid.key, "user", {"action": "changed"})
    assert EmailAddress.objects.filter(user=cast.greta).count() == 1
