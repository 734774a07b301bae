"""Clients of two dispatchers."""

import pytest
from django.test import Client

from tests.support import Cast, SignedIn
from volunteers.enums import Role
from volunteers.models import Membership


@pytest.fixture
def carol(cast: Cast, signed_in: SignedIn) -> Client:
    return signed_in(cast.carol)


@pytest.fixture
def edith(cast: Cast, signed_in: SignedIn) -> Client:
    """A second dispatcher."""
    Membership.objects.filter(user=cast.edith).update(role=Role.DISPATCHER)
    return signed_in(cast.edith)
