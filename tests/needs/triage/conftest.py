"""Clients of two dispatchers."""

import pytest
from django.test import Client

from tests.support import Cast, SignedIn, dispatches


@pytest.fixture
def carol(cast: Cast, signed_in: SignedIn) -> Client:
    return signed_in(cast.carol)


@pytest.fixture
def edith(cast: Cast, signed_in: SignedIn) -> Client:
    """A second dispatcher."""
    dispatches(cast.edith)
    return signed_in(cast.edith)
