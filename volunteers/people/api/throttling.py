"""Rate limits. The cache holds the counters under keyed hashes, so no address is stored."""

import hmac
import ipaddress
import logging
import time
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from solidarity.lib import rate_counters
from solidarity.lib.http.client_address import address_of

log = logging.getLogger(__name__)


class Throttle(SimpleRateThrottle):
    """A limit on the requests that each account or address may make in any period of this length. If the cache is
    unavailable, every request is allowed."""

    anonymous = False
    writes = False
    duration: int
    num_requests: int

    def get_rate(self) -> str:
        rate: str = settings.API_RATES[str(self.scope)]
        return rate

    def applies(self, request: Request) -> bool:
        """Return whether this limit applies to a request."""
        known = bool(request.user and request.user.is_authenticated)
        return known != self.anonymous and (not self.writes or request.method not in SAFE_METHODS)

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        if not self.applies(request):
            return None
        who = f"address:{_subscriber(address_of(request))}" if self.anonymous else f"account:{request.user.pk}"
        key = f"{settings.SECRET_KEY}:throttle".encode()
        return f"throttles:{self.scope}:{hmac.digest(key, who.encode(), 'sha256').hex()[:32]}"

    def allow_request(self, request: Request, view: Any) -> bool:
        self._wait = wait_of([self], request, view)
        return self._wait is None

    def wait(self) -> float | None:
        return self._wait


def wait_of(limits: Sequence[Throttle], request: Request, view: Any) -> float | None:
    """Count a request for all limits, with one request to the cache. Return None if all allow it, else the seconds until
    it may be sent again. If the cache is unavailable, every request is allowed."""
    keys = [(limit.get_cache_key(request, view), limit) for limit in limits]
    asked = [(key, limit.duration, limit.num_requests) for key, limit in keys if key is not None]
    try:
        return max(rate_counters.waits(asked, time.time()), default=None) if asked else None
    except (RedisError, OSError):
        log.warning("the cache is unavailable: the API has no rate limits")
        return None


def _subscriber(address: str) -> str:
    """Return an IPv4 address, or the /64 of an IPv6 address, because one subscriber has all addresses of a /64."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv6Address):
        return str(known.ipv4_mapped or ipaddress.IPv6Network((int(known), 64), strict=False))
    return address


class AnonymousThrottle(Throttle):
    scope = "anonymous"
    anonymous = True


class AnonymousWrites(Throttle):
    scope = "anonymous_writes"
    anonymous = writes = True


class AccountThrottle(Throttle):
    scope = "account"


class AccountWrites(Throttle):
    scope = "account_writes"
    writes = True


class ReportLimit(Throttle):
    """A limit on the number of reports that are sent in batches. The requests with these batches have their own
    limit."""

    def wait_for(self, reports: int, request: Request) -> float | None:
        """Count ``reports``. Return None if they are allowed; otherwise count none of them, and return the seconds until
        the count restarts."""
        key = self.get_cache_key(request, None)
        if key is None:
            return None
        try:
            if rate_counters.counts([(key, self.duration, reports)])[0] <= self.num_requests:
                return None
            cache.decr(key, reports)  # a counter that has just ended must not begin below 0
        except (RedisError, OSError):
            log.warning("the cache is unavailable: batches have no limit")
            return None
        except ValueError:  # the counter ended between the two requests
            return None
        return float(self.duration)


class AnonymousReports(ReportLimit):
    scope = "anonymous_reports"
    anonymous = True


class AccountReports(ReportLimit):
    scope = "account_reports"


class Searches(Throttle):
    """Searches in the list of the dispatch desk. The limit is so low that nobody can find out hidden text letter by
    letter."""

    scope = "searches"


class Pins(Throttle):
    """Streets looked up under a pin, and lists of places near a position. The limit lets a person move a pin step by
    step, but not map a city."""

    scope = "pins"


class AnonymousPins(Pins):
    anonymous = True


class Polls(Throttle):
    """Requests with which open pages ask whether something has changed. These requests do not use up the other limits."""

    scope = "polls"


class PlaceSearches(Throttle):
    """Searches for addresses and places, while people type."""

    scope = "places"


class AnonymousPlaceSearches(PlaceSearches):
    anonymous = True
