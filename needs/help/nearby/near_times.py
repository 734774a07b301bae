"""How long ago something was, as includes/time.html shows it, for lists of many lines."""

from datetime import datetime, timedelta
from functools import lru_cache
from html import escape

from django.utils import formats, timezone
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import get_language
from django.utils.translation import gettext as _

_LONG = timedelta(days=1)


def time_ago(when: datetime, now: datetime) -> SafeString:
    """Return the HTML of includes/time.html."""
    language, age = get_language() or "", now - when
    if age < _LONG:
        said = _minutes_ago(max(int(age.total_seconds() // 60), 0), language)
    else:
        said = _("%(span)s ago") % {"span": timesince(when, now)}
    return SafeString(f"{_moment(when, language, timezone.get_current_timezone_name())}{escape(said)}</time>")


# Both depend on nothing but their arguments, so that what they keep is never stale and tells nothing about a reader.
@lru_cache(maxsize=4096)
def _moment(when: datetime, _language: str, _zone: str) -> str:
    here = timezone.localtime(when)
    title = escape(formats.date_format(here, "DATETIME_FORMAT"))
    return f'<time class="nowrap" datetime="{here.isoformat()}" title="{title}"\n  data-relative>'


@lru_cache(maxsize=4096)
def _minutes_ago(minutes: int, _language: str) -> str:
    if not minutes:
        return _("just now")
    now = timezone.now()
    return _("%(span)s ago") % {"span": timesince(now - timedelta(minutes=minutes), now)}
