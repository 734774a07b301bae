"""Dispatchers, coordinators and administrators need a second factor."""

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse
from pytest_django import Settings

from tests.support import Cast, SignedIn


@pytest.fixture(autouse=True)
def required(settings: Settings) -> None:
    settings.MFA_REQUIRED = True


@pytest.mark.parametrize("who", ["carol", "diane", "farid"])
def test_dispatchers_coordinators_and_administrators_are_redirected_to_set_one_up(
    cast: Cast, signed_in: SignedIn, who: str
) -> None:
    answer = signed_in(getattr(cast, who)).get(reverse("mapping:map"))
    assert answer.status_code == 302
    assert answer["Location"] == reverse("mfa_index")


def test_with_a_second_factor_a_coordinator_goes_on(cast: Cast, signed_in: SignedIn) -> None:
    Authenticator.objects.create(user=cast.diane, type=Authenticator.Type.TOTP, data={"secret": "unused here"})
    answer = signed_in(cast.diane).get(reverse("mapping:map"), follow=True)
    assert answer.status_code == 200
    assert answer.redirect_chain[-1][0] != reverse("mfa_index")


@pytest.mark.parametrize("who", ["alice", "bob", "greta"])
def test_volunteers_and_members_need_none(cast: Cast, signed_in: SignedIn, who: str) -> None:
    assert signed_in(getattr(cast, who)).get(reverse("home")).status_code == 200


def test_the_setup_page_is_accessible_without_one(cast: Cast, signed_in: SignedIn) -> None:
    answer = signed_in(cast.diane).get(reverse("mfa_index"))
    assert answer.status_code == 200 or answer["Location"].startswith("/accounts/")
