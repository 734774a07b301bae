"""Fixtures for the tests of lending and giving."""

import pytest
from django.test import Client

from tests.support import Cast, SignedIn


@pytest.fixture
def alice(cast: Cast, signed_in: SignedIn) -> Client:
    return signed_in(cast.alice)
