"""Administrators are invited, handed over and removed: everybody is told, and each of them can stop it for a day."""

from datetime import timedelta
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from tests.conftest import PASSWORD
from tests.support import Cast, SignedIn
from tests.volunteers.services import Post
from volunteers.models import AdministratorChange, AuditEntry, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.administrators import administrator_mail, administrators
from volunteers.people.administrators.administrators import AdministratorRefusal, AdministratorRefused
from volunteers.site.people import blocking
from volunteers.site.setup_checklist.checklist import ITEMS
from volunteers.tasks import change_administrators

pytestmark = pytest.mark.django_db
PAGE = "/people/administrators/"


@pytest.fixture(autouse=True)
def _factor_required(settings: Settings, cast: Cast) -> None:
    settings.MFA_REQUIRED = True
    _with_factor(cast.farid)


def _with_factor(person: User) -> User:
    TOTP.activate(person, generate_totp_secret())
    EmailAddress.objects.get_or_create(user=person, email=person.email, defaults={"verified": True, "primary": True})
    return person


def _second(name: str = "second") -> User:
    return _with_factor(User.objects.create_superuser(f"{name}@example.org", PASSWORD, display_name=name.title()))


def _later(hours: float = 25) -> None:
    """Let time pass for every change, and run the task."""
    for change in AdministratorChange.objects.exclude(told_at=None):
        AdministratorChange.objects.filter(pk=change.pk).update(
            told_at=(change.told_at or timezone.now()) - timedelta(hours=hours)
        )
    change_administrators()


def _link() -> str:
    """Return the path of the link in the newest invitation."""
    found = [message for message in mail.outbox if "administrators/join/" in message.body][-1]
    return "/people/administrators/join/" + found.body.split("/administrators/join/")[1].split()[0]


def _administrators() -> set[str]:
    return {person.email for person in User.objects.filter(is_superuser=True, is_active=True)}


def test_a_second_administrator_is_named_in_the_app_and_everybody_is_told(cast: Cast, signed_in: SignedIn) -> None:
    _with_factor(cast.greta)
    farid, greta = signed_in(cast.farid), signed_in(cast.greta)
    assert greta.get("/people/").status_code == 404
    assert farid.post(PAGE, {"email": cast.greta.email}).status_code == 302
    assert {message.to[0] for message in mail.outbox} == {cast.farid.email, cast.greta.email}
    link = _link()
    mail.outbox.clear()
    assert "Accept" in greta.get(link).content.decode()
    assert greta.post(link).status_code == 302
    assert {message.to[0] for message in mail.outbox} == {cast.farid.email, cast.greta.email}
    assert cast.greta.display_name not in "".join(str(message.body) for message in mail.outbox)
    change_administrators()
    assert _administrators() == {cast.farid.email}
    _later()
    assert _administrators() == {cast.farid.email, cast.greta.email}
    assert greta.get("/people/").status_code == 200
    verbs = AuditEntry.objects.filter(verb__startswith="admin_").order_by("seq").values_list("verb", "actor")
    assert list(verbs) == [
        ("admin_invited", cast.farid.key), ("admin_accepted", cast.greta.key), ("admin_named", cast.farid.key)
    ]  # fmt: skip
    assert not AdministratorChange.objects.exclude(email="").exists()


def test_the_only_administrator_hands_over(cast: Cast, signed_in: SignedIn) -> None:
    _with_factor(cast.greta)
    farid = signed_in(cast.farid)
    refused = farid.post(reverse("needs:erase_account"), {"sure": "on"})
    assert refused["Location"] == PAGE
    farid.post(PAGE, {"email": cast.greta.email, "hand_over": "on"})
    signed_in(cast.greta).post(_link())
    _later()
    assert _administrators() == {cast.greta.email}
    assert farid.get(PAGE).status_code == 404


def test_the_account_page_leads_to_the_invitation_without_an_address_in_the_url(
    cast: Cast, signed_in: SignedIn
) -> None:
    farid = signed_in(cast.farid)
    page = farid.get(f"/people/{cast.greta.key}/").content.decode()
    assert f"{PAGE}?person={cast.greta.key}" in page
    assert f'value="{cast.greta.email}"' in farid.get(f"{PAGE}?person={cast.greta.key}").content.decode()
    assert farid.get(f"{PAGE}?person=nobody").status_code == 200


# --- attacks ---------------------------------------------------------------------------------------------------------


def test_a_stolen_session_cannot_name_a_puppet_without_a_proof_of_identity(cast: Cast) -> None:
    thief = Client()
    thief.force_login(cast.farid)
    assert "reauthenticate" in thief.post(PAGE, {"email": "puppet@example.org"})["Location"]
    assert not AdministratorChange.objects.exists()
    assert mail.outbox == []


def test_a_puppet_that_a_stolen_session_names_is_stopped_within_a_day(cast: Cast, signed_in: SignedIn) -> None:
    puppet = _with_factor(User.objects.create_user("puppet@example.org", PASSWORD))
    signed_in(cast.farid).post(PAGE, {"email": puppet.email})
    signed_in(puppet).post(_link())
    told = [message for message in mail.outbox if message.to == [cast.farid.email]]
    assert PAGE in told[-1].body
    change = AdministratorChange.objects.get()
    assert signed_in(puppet).post(f"{PAGE}changes/{change.pk}/stop/").status_code == 404
    page = signed_in(cast.farid).get(PAGE).content.decode()
    assert "Stop this change" in page
    assert signed_in(cast.farid).post(f"{PAGE}changes/{change.pk}/stop/").status_code == 302
    _later()
    assert _administrators() == {cast.farid.email}
    assert AuditEntry.objects.filter(verb="admin_stopped", actor=cast.farid.key).count() == 1


def test_one_administrator_cannot_remove_everybody_else_while_they_object(cast: Cast, signed_in: SignedIn) -> None:
    others = [_second("second"), _second("third")]
    thief = signed_in(cast.farid)
    for other in others:
        assert thief.post(f"{PAGE}{other.key}/remove/").status_code == 302
        assert other.email in {message.to[0] for message in mail.outbox}
    _later(hours=23)
    assert len(_administrators()) == 3
    for change in AdministratorChange.objects.all():
        assert change.person is not None
        signed_in(change.person).post(f"{PAGE}changes/{change.pk}/stop/")
    _later(hours=2)
    assert len(_administrators()) == 3


def test_administrators_cannot_block_each_other_because_that_would_take_effect_at_once(
    cast: Cast, signed_in: SignedIn
) -> None:
    second = _second()
    assert not blocking.may_block(Viewer(cast.farid), second)
    assert signed_in(cast.farid).post(f"/people/{second.key}/block/").status_code == 404
    assert "Remove the person as administrator first" in (
        signed_in(cast.farid).get(f"/people/{second.key}/").content.decode()
    )
    assert second.email in _administrators()


def test_two_removals_at_the_same_time_leave_one_administrator(cast: Cast) -> None:
    second = _second()
    administrators.ask_removal(second, cast.farid)
    administrators.ask_removal(cast.farid, second)
    administrator_mail.run()
    _later()
    assert len(_administrators()) == 1
    outcomes = AdministratorChange.objects.values_list("outcome", flat=True)
    assert sorted(outcomes) == ["done", "lapsed"]


def test_the_only_administrator_cannot_be_removed(cast: Cast, signed_in: SignedIn) -> None:
    signed_in(cast.farid).post(f"{PAGE}{cast.farid.key}/remove/")
    assert not AdministratorChange.objects.exists()
    with pytest.raises(CommandError, match="last"):
        call_command("administrators", "remove", cast.farid.email, stdout=StringIO())


def test_an_invitation_works_once_and_only_for_its_address(cast: Cast, signed_in: SignedIn) -> None:
    _with_factor(cast.greta)
    _with_factor(cast.alice)
    signed_in(cast.farid).post(PAGE, {"email": cast.greta.email})
    old = _link()
    signed_in(cast.farid).post(PAGE, {"email": cast.greta.email})
    link = _link()
    assert signed_in(cast.greta).get(old).status_code == 404
    assert "another" in signed_in(cast.alice).post(link).content.decode()
    assert not AdministratorChange.objects.exclude(person=None).exists()
    signed_in(cast.greta).post(link)
    _later()
    second = User.objects.get(pk=cast.greta.pk)
    administrators.ask_removal(second, cast.farid)
    administrator_mail.run()
    _later()
    assert _administrators() == {cast.farid.email}
    assert signed_in(cast.greta).post(link).status_code == 404
    assert signed_in(cast.alice).post(link).status_code == 404
    assert _administrators() == {cast.farid.email}


def test_a_stopped_invitation_is_over(cast: Cast, signed_in: SignedIn) -> None:
    _with_factor(cast.greta)
    change = administrators.invite(cast.greta.email, cast.farid)
    token = administrators.token_of(change)
    assert administrators.stop(change, cast.farid)
    with pytest.raises(AdministratorRefused) as refused:
        administrators.accept(token, cast.greta)
    assert refused.value.why is AdministratorRefusal.OVER


def test_an_account_without_second_factor_sets_one_up_first(cast: Cast, signed_in: SignedIn) -> None:
    EmailAddress.objects.get_or_create(user=cast.greta, email=cast.greta.email, defaults={"verified": True})
    signed_in(cast.farid).post(PAGE, {"email": cast.greta.email})
    link, greta = _link(), signed_in(cast.greta)
    assert "Set up a second factor" in greta.get(link).content.decode()
    greta.post(link)
    assert not AdministratorChange.objects.exclude(accepted_at=None).exists()
    TOTP.activate(cast.greta, generate_totp_secret())
    greta.post(link)
    cast.greta.authenticator_set.all().delete()  # type: ignore[attr-defined]
    _later()
    assert _administrators() == {cast.farid.email}
    assert AdministratorChange.objects.get().outcome == "lapsed"


def test_a_change_by_somebody_who_was_removed_meanwhile_does_not_happen(cast: Cast) -> None:
    second = _second()
    token = administrators.token_of(administrators.invite(_with_factor(cast.greta).email, second))
    administrators.accept(token, cast.greta)
    administrator_mail.run()
    administrators.set_now(second, False)
    _later()
    assert _administrators() == {cast.farid.email}


def test_invitations_are_limited(cast: Cast, signed_in: SignedIn) -> None:
    farid = signed_in(cast.farid)
    for number in range(7):
        farid.post(PAGE, {"email": f"p{number}@example.org"})
    assert AdministratorChange.objects.count() == administrators.MOST_WAITING


def test_strangers_and_coordinators_see_no_administrators(cast: Cast, signed_in: SignedIn) -> None:
    for person in (cast.diane, cast.carol, cast.greta):
        client = signed_in(_with_factor(person))
        assert client.get(PAGE).status_code == 404
        assert client.post(f"{PAGE}{cast.farid.key}/remove/").status_code == 404


def test_the_time_to_object_begins_only_when_the_mails_have_left(
    cast: Cast, settings: Settings, post_office: Post
) -> None:
    token = administrators.token_of(administrators.invite(_with_factor(cast.greta).email, cast.farid))
    administrators.accept(token, cast.greta)
    working = settings.MAILERS
    settings.MAILERS = {
        "default": {**working["default"], "OPTIONS": {**working["default"]["OPTIONS"], "port": 1}}  # nobody listens
    }
    administrator_mail.run()
    assert AdministratorChange.objects.get().told_at is None
    settings.MAILERS = working
    administrator_mail.run()
    assert AdministratorChange.objects.get().told_at is not None


def test_an_invited_address_can_create_an_account_while_sign_up_is_closed(cast: Cast) -> None:
    from volunteers.people.administrators import sign_up

    sign_up.choose(closed=True, ask="", by=cast.farid)
    token = administrators.token_of(administrators.invite("new@example.org", cast.farid))
    visitor = Client()
    assert "Create an account" in visitor.get(reverse("people:join_administrators", args=[token])).content.decode()
    assert sign_up.accepts(visitor.session, "new@example.org")
    assert not sign_up.accepts(visitor.session, "other@example.org")


# --- around ----------------------------------------------------------------------------------------------------------


def test_the_checklist_asks_for_two(cast: Cast) -> None:
    [item] = [item for item in ITEMS if item.key == "administrators"]
    assert not item.is_done()
    second = User.objects.create_superuser("second@example.org", PASSWORD)
    assert not item.is_done()
    _with_factor(second)
    assert item.is_done()


def test_the_server_names_and_removes_at_once(cast: Cast) -> None:
    EmailAddress.objects.get_or_create(user=cast.greta, email=cast.greta.email, defaults={"verified": True})
    call_command("administrators", "name", cast.greta.email, stdout=StringIO())
    assert _administrators() == {cast.farid.email, cast.greta.email}
    assert {message.to[0] for message in mail.outbox} == {cast.farid.email, cast.greta.email}
    out = StringIO()
    call_command("administrators", "list", stdout=out)
    assert f"{cast.greta.email} (no second factor)" in out.getvalue()
    call_command("administrators", "remove", cast.greta.email, stdout=StringIO())
    assert _administrators() == {cast.farid.email}
    with pytest.raises(CommandError, match="confirmed"):
        call_command("administrators", "name", "nobody@example.org", stdout=StringIO())


def test_the_stock_admin_is_off_and_no_page_links_to_it(cast: Cast, signed_in: SignedIn) -> None:
    farid = signed_in(cast.farid)
    for address in ("/admin/", "/admin/login/", "/admin/volunteers/user/", "/admin/jsi18n/"):
        assert farid.get(address).status_code == 404
        assert Client().get(address).status_code == 404
    assert "/admin/" not in farid.get("/").content.decode()


def test_the_stock_admin_names_nobody(cast: Cast, signed_in: SignedIn, settings: Settings) -> None:
    settings.DJANGO_ADMIN = True
    form = {"email": cast.greta.email, "display_name": "Greta", "is_staff": "on", "is_superuser": "on"}
    assert signed_in(cast.farid).post(f"/admin/volunteers/user/{cast.greta.pk}/change/", form).status_code == 302
    assert _administrators() == {cast.farid.email}
