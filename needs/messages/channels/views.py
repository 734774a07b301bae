"""The webhook that the text message gateway calls."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from redis.exceptions import RedisError

from needs.messages.channels import gateway_calls
from solidarity.lib.http.client_network import network_of
from solidarity.lib.http.nul_characters import reads_raw_body
from solidarity.lib.rate_counters import HOUR, count, counter_key
from solidarity.lib.sms_gateways import chosen_gateway
from solidarity.lib.sms_gateways.gateway import Call, Forged, Late, Unreadable

LARGEST = 64 * 1024
"""Maximum number of bytes of a call."""
FORGED_PER_HOUR = 60
"""Maximum number of wrong signatures from one network in an hour."""


@reads_raw_body
@csrf_exempt  # the gateway has no session; its signature is checked
@require_POST
def take_call(request: HttpRequest, gateway: str, event: str = "", secret: str = "") -> HttpResponse:
    """Store the messages of a call. The answer has no text: some gateways would send it to the person."""
    chosen = chosen_gateway.of_site()
    if gateway != chosen.name or not chosen.receives:
        raise Http404
    body = request.read(LARGEST + 1)
    if len(body) > LARGEST:
        return _answer(413)
    headers = {name.lower(): value for name, value in request.headers.items()}
    tail = tuple(each for each in (event, secret) if each)
    try:
        gateway_calls.take(chosen, Call(settings.SITE_URL + request.path, headers, body, tail))
    except (Forged, Late):
        # Count the call only now, so that an attacker in the network of the gateway's provider cannot shut out the
        # gateway.
        return _answer(429 if _forged(request) > FORGED_PER_HOUR else 403)
    except Unreadable as error:
        return _answer(400, str(error))
    except gateway_calls.TooMany:
        return _answer(429)
    return _answer(200)


def _answer(status: int, text: str = "") -> HttpResponse:
    headers = {"Retry-After": "3600"} if status == 429 else None
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8", headers=headers)


def _forged(request: HttpRequest) -> int:
    """Count a wrong signature, and return how many came from this network in an hour; 0 without the cache."""
    try:
        return count(counter_key("forged-calls", network_of(request)), HOUR)
    except (RedisError, OSError):
        return 0
