"""The gateways of text messages, one for each provider."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from pytest_django import Settings

from tests.needs.channels.local_gateway import ACCOUNT, KEY, OURS, LocalGateway, local_gateway

type NewGateway = Callable[..., LocalGateway]
KINDS = ("generic", "android", "rapidpro", "twilio")


@pytest.fixture
def new_gateway(settings: Settings) -> Iterator[NewGateway]:
    """Start the gateway of a provider, and choose it in the settings of the site."""
    with ExitStack() as stack:

        def start(kind: str = "generic", site: str = "https://solidarity.example") -> LocalGateway:
            made = stack.enter_context(local_gateway(kind, site))
            settings.OUTGOING_PRIVATE, settings.SITE_URL = [made.origin], site
            settings.SMS_GATEWAY, settings.SMS_URL, settings.SMS_ACCOUNT = kind, made.url, ACCOUNT
            settings.SMS_KEY, settings.SMS_NUMBER = KEY, OURS
            settings.SMS_SECRET = "" if kind == "twilio" else made.secret
            return made

        yield start
