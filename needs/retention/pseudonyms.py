"""Pseudonyms of sources: under a random key of the month, destroyed when the month is over (privacy.md, "Retention").

As long as the key is there, the same device is the same source, which the caps on citizens' evidence need. Afterwards
not even whoever runs the platform can tell which reports came from a device, and nobody can be followed for longer.
"""

import hashlib
import hmac
import secrets
from datetime import date, datetime

from django.utils import timezone

from needs.models import SourceKey
from solidarity.lib import field_encryption


def month_of(moment: datetime) -> date:
    return timezone.localtime(moment).date().replace(day=1)


def pseudonym(device: str, moment: datetime) -> str:
    """A device's, or an account's, pseudonym in the month of a moment: 32 hexadecimal digits."""
    return hmac.new(_key(month_of(moment)), device.encode(), hashlib.sha256).hexdigest()[:32]


def _key(month: date) -> bytes:
    found = SourceKey.objects.filter(month=month).values_list("secret", flat=True).first()
    if found is None:
        made = SourceKey(month=month, secret=field_encryption.encrypt(secrets.token_hex(32)))
        SourceKey.objects.bulk_create([made], ignore_conflicts=True)  # two at once: the first one's counts
        found = SourceKey.objects.values_list("secret", flat=True).get(month=month)
    clear = field_encryption.decrypt(found)
    if clear is None:
        raise ValueError("The month's key of pseudonyms was encrypted under another SOLIDARITY_FIELD_KEY.")
    return bytes.fromhex(clear)
