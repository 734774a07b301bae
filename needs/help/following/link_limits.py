"""Limits on messages to reporters, so that nobody can use these messages to flood a stranger's phone or to use up our
credit.

Every limit is a counter under a keyed hash in the cache (solidarity/lib/rate_counters.py). Without the cache, nothing
is sent.
"""

import logging
import re
from dataclasses import dataclass

from django.conf import settings
from redis.exceptions import RedisError

from solidarity.lib.rate_counters import DAY, HOUR, count, counter_key
from volunteers.enums import Medium

log = logging.getLogger(__name__)

LINKS_PER_NEED = 5  # links per day, to all addresses together
LINKS_PER_ADDRESS = 3  # links per day, from all needs together
LINKS_PER_DEVICE = 6  # per day
LINKS_PER_NETWORK = 20  # per hour
NEWS_PER_ADDRESS = 8  # links per day, from all needs together


@dataclass(frozen=True, slots=True)
class Door:
    """The origin of a request: the results of ``intake.device_of`` and ``client_network.network_of``."""

    device: str
    network: str


def may_send_link(need: str, medium: Medium, to: str, door: Door | None) -> bool:
    """Count one link to an address, and return whether it may be sent. door: the device and the network of the request,
    None for a dispatcher.

    The address is counted after the need, device and network, so that a request refused by these does not use up the
    limit of the address. The limit of the whole site does not apply to dispatchers, so nobody can stop them from
    sending.
    """
    limits = [("link-need", need, DAY, LINKS_PER_NEED)]
    if door is not None:
        limits += [
            ("link-device", door.device, DAY, LINKS_PER_DEVICE),
            ("link-network", door.network, HOUR, LINKS_PER_NETWORK),
        ]
    limits.append(("link-address", mailbox_of(to), DAY, LINKS_PER_ADDRESS))
    if door is not None:
        most = settings.LINK_TEXTS_PER_HOUR if medium == Medium.SMS else settings.LINK_MAILS_PER_HOUR
        limits.append((f"link-site-{medium.value}", "all", HOUR, most))
    return _within(limits)


def may_tell(to: str) -> bool:
    """Count one piece of news to an address, and return whether it may be sent."""
    return _within([("news-address", mailbox_of(to), DAY, NEWS_PER_ADDRESS)])


def mailbox_of(to: str) -> str:
    """Return one spelling for all addresses of a mailbox: without +tag and quotes, and without the dots of Gmail.

    Telephone numbers stay as they are. The result is only for counting: messages go to the address as the reporter
    wrote it.
    """
    name, at, domain = to.lower().rpartition("@")
    if not at:
        return to
    name = re.sub(r'["\\]', "", name)
    name = name.partition("+")[0] or name
    if domain in ("gmail.com", "googlemail.com"):
        name, domain = name.replace(".", ""), "gmail.com"
    return f"{name}@{domain}"


def _within(limits: list[tuple[str, str, int, int]]) -> bool:
    try:
        return all(count(counter_key(kind, value), seconds) <= most for kind, value, seconds, most in limits)
    except (RedisError, OSError):
        log.warning("the counters of messages to reporters cannot be reached: nothing is sent")
        return False
