"""Pseudonyms of sources, made with a random key per month that is destroyed after the month (docs/privacy.md).

Within a month, one device is one source, so that the evidence from each citizen can be limited. Afterwards, nobody can
tell which reports came from the same device, not even an administrator.
"""

import hashlib
import hmac
import secrets
from datetime import date, datetime

from django.utils import timezone

from needs.models import SourceKey
from solidarity.lib import field_encryption
from solidarity.lib.database.kept_query import KeptQuery

_OF_MONTH = KeptQuery({"month": date(2000, 1, 1)}, lambda month: SourceKey.objects.filter(month=month))


def month_of(moment: datetime) -> date:
    """Return the first day of the month, in the platform's time zone."""
    return timezone.localtime(moment).date().replace(day=1)


def pseudonym(device: str, moment: datetime, read: dict[date, bytes] | None = None) -> str:
    """Return the pseudonym of a device or an account in a month: 32 hexadecimal digits.

    read: keys that the caller's transaction has already read, by month; a new key is added.
    """
    month, keys = month_of(moment), {} if read is None else read
    if month not in keys:
        keys[month] = _key(month)
    return hmac.new(keys[month], device.encode(), hashlib.sha256).hexdigest()[:32]


def _key(month: date) -> bytes:
    known = _OF_MONTH.rows(month=month)
    found = known[0].secret if known else None
    if found is None:
        made = SourceKey(month=month, secret=field_encryption.encrypt(secrets.token_hex(32)))
        SourceKey.objects.bulk_create([made], ignore_conflicts=True)  # if two processes insert a key, the first counts
        found = SourceKey.objects.values_list("secret", flat=True).get(month=month)
    clear = field_encryption.decrypt(found)
    if clear is None:
        raise ValueError("The key of the month was encrypted with another SOLIDARITY_FIELD_KEY.")
    return bytes.fromhex(clear)
