"""Confirmation of telephone numbers by a code that we send to the number. The cache stores only a hash of the code."""

import re
import secrets
from enum import Enum

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from solidarity.lib.field_encryption import decrypt, encrypt
from solidarity.lib.site import site_choices
from volunteers.models import NotificationSettings, User
from volunteers.people.notifications import sms
from volunteers.people.notifications.unsubscribing import own_settings

CODE_SECONDS = 600
MOST_TRIES = 5
MOST_CODES = 3  # codes per hour, for each account and for each number

_COUNTRIES = {"FR": "33", "BE": "32", "CH": "41", "LU": "352"}


class Asked(Enum):
    """The result of a request for a code."""

    SENT = "sent"
    NO_NUMBER = "no number"
    TOO_OFTEN = "too often"


def international(text: str) -> str | None:
    """Return a number in E.164 ("06 12 34 56 78" → "+33612345678" in France), or None if it is invalid."""
    bare = re.sub(r"[\s.\-()/]", "", text)
    if bare.startswith("00"):
        bare = "+" + bare[2:]
    elif bare.startswith("0") and site_choices.country() in _COUNTRIES:
        bare = f"+{_COUNTRIES[site_choices.country()]}{bare[1:]}"
    return bare if re.fullmatch(r"\+[1-9][0-9]{7,14}", bare) else None


def mobile(text: str, *, anywhere: bool = False) -> str | None:
    """Return a number in E.164 format if it is a mobile number of COUNTRY or SMS_COUNTRIES in the settings, or of any
    country if ``anywhere`` is True. Otherwise return None.

    Premium, shared-cost, satellite and landline numbers are refused, so that nobody can earn money with our text
    messages or make them expensive for us.
    """
    import phonenumbers  # here, because the import takes 30 ms

    try:
        number = phonenumbers.parse(international(text) or "", None)
    except phonenumbers.NumberParseException:
        return None
    kinds = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
    if not phonenumbers.is_valid_number(number) or phonenumbers.number_type(number) not in kinds:
        return None
    if not anywhere and phonenumbers.region_code_for_number(number) not in (
        site_choices.country(),
        *settings.SMS_COUNTRIES,
    ):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def ask(user: User, text: str) -> Asked:
    """Send a code to a number. Raise delivery.NotDelivered if the provider refuses it."""
    number = mobile(text)
    if number is None:
        return Asked.NO_NUMBER
    if not (_may(f"account:{user.pk}") and _may(f"number:{_hashed(number)}")):
        return Asked.TOO_OFTEN
    code = f"{secrets.randbelow(1_000_000):06d}"
    waiting = {"number": encrypt(number).decode(), "code": _hashed(code)}
    cache.delete(_tries(user))
    cache.set(_waiting(user), waiting, CODE_SECONDS)
    sms.post(number, _("Your code for Solidarity is %(code)s. It is valid for ten minutes.") % {"code": code})
    return Asked.SENT


def is_waiting(user: User) -> bool:
    """Return whether a code can still be entered."""
    return cache.get(_waiting(user)) is not None


def confirm(user: User, code: str) -> bool:
    """Store the number if the code is correct; return False if it is wrong, expired, or was tried too often."""
    waiting = cache.get(_waiting(user))
    cache.add(_tries(user), 0, CODE_SECONDS)
    if waiting is None or cache.incr(_tries(user)) > MOST_TRIES:
        cache.delete(_waiting(user))
        return False
    if not constant_time_compare(waiting["code"], _hashed(re.sub(r"\D", "", code))):
        return False
    number = decrypt(waiting["number"].encode())
    cache.delete(_waiting(user))
    if number is None:
        return False
    with transaction.atomic():
        own = own_settings(user)
        own.phone = encrypt(number)
        own.save(update_fields=["phone"])
    return True


def forget(user: User) -> None:
    """Delete the number and any pending code."""
    cache.delete(_waiting(user))
    NotificationSettings.objects.filter(user=user).update(phone=None)


def masked(own: NotificationSettings | None) -> str:
    """Return the confirmed number with only its last two digits visible, empty without a number."""
    number = decrypt(own.phone) if own and own.phone else None
    return mask(number) if number else ""


def mask(number: str) -> str:
    """Return a number with only its last two digits visible."""
    return f"•• •• •• {number[-2:]}"


def _may(who: str) -> bool:
    key = f"notifications:codes:{who}"
    cache.add(key, 0, 3600)
    return int(cache.incr(key)) <= MOST_CODES


def _waiting(user: User) -> str:
    return f"notifications:code:{user.pk}"


def _tries(user: User) -> str:
    return f"notifications:tries:{user.pk}"


def _hashed(text: str) -> str:
    return salted_hmac("volunteers.notifications.phone_numbers", text, algorithm="sha256").hexdigest()
