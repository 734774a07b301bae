"""The gateway that the settings choose."""

from django.conf import settings

from solidarity.lib.sms_gateways.android_phone import AndroidPhone
from solidarity.lib.sms_gateways.gateway import Account, Gateway
from solidarity.lib.sms_gateways.generic_json import GenericJson
from solidarity.lib.sms_gateways.rapidpro import RapidPro
from solidarity.lib.sms_gateways.twilio_messages import Twilio

GATEWAYS: dict[str, type[Gateway]] = {each.name: each for each in (GenericJson, AndroidPhone, RapidPro, Twilio)}
WEBHOOKS = "/channels/sms/"
"""The path of the webhooks, before the gateway's name."""


def of_site() -> Gateway:
    """Return the adapter of the gateway named in the settings; the settings refuse an unknown name at the start."""
    kind = GATEWAYS[settings.SMS_GATEWAY]
    return kind(
        Account(
            url=settings.SMS_URL, account=settings.SMS_ACCOUNT, key=settings.SMS_KEY, secret=settings.SMS_SECRET,
            number=settings.SMS_NUMBER, webhook=f"{settings.SITE_URL}{WEBHOOKS}{kind.name}/",
        )
    )  # fmt: skip
