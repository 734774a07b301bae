"""A dispatcher's client, and a provider of text messages."""

from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import Settings

from tests.support import Cast, SignedIn
from tests.volunteers.services import Web, web_server


@pytest.fixture
def carol(cast: Cast, signed_in: SignedIn) -> Client:
    return signed_in(cast.carol)


@pytest.fixture
def provider(settings: Settings) -> Iterator[Web]:
    with web_server() as web:
        settings.OUTGOING_PRIVATE = [*settings.OUTGOING_PRIVATE, web.origin]
        settings.SMS_URL, settings.SMS_KEY = web.origin + "/send", "the provider's key"
        yield web
