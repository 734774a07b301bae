"""The page of calendar addresses, and the feeds that calendar programs fetch."""

import hashlib
import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from redis.exceptions import RedisError

from mapping.enums import FeedScope
from mapping.out.calendar_feeds import feed_addresses, tour_calendar
from mapping.out.calendar_feeds.feed_addresses import Source
from mapping.plans.tour_plans import seat_offers
from solidarity.lib.http.client_network import network_of
from solidarity.lib.http.conditional_answers import unless_known
from solidarity.lib.rate_counters import HOUR, count, counter_key
from volunteers.people.accounts import reauthentication
from volunteers.people.accounts.http_types import Request
from volunteers.people.notifications.notifying import language_of
from volunteers.people.notifications.preferences import chosen_by


class FeedForm(forms.Form):
    """Form with which the reader chooses the person, association or territory for the new address."""

    source_key = forms.ChoiceField(
        label=gettext_lazy("Which tours"), widget=forms.Select(attrs={"class": "form-select"})
    )

    def __init__(self, *args: Any, sources: Sequence[Source], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._sources = {each.key: each for each in sources}
        self.fields["source_key"].choices = [  # type: ignore[attr-defined]
            (each.key, _label(each)) for each in sources
        ]

    @property
    def source(self) -> Source:
        """The chosen source of a valid form."""
        return self._sources[self.cleaned_data["source_key"]]


def _label(source: Source) -> str:
    if source.association is not None:
        return _("Tours of %(name)s") % {"name": source.association.name}
    if source.territory is not None:
        return _("Tours in %(name)s") % {"name": source.territory.name}
    return str(FeedScope.OWN.label).capitalize()


FETCHES = 60  # fetches per feed and hour
UNKNOWN = 60  # fetches of unknown addresses per network and hour


@require_http_methods(["GET", "HEAD", "POST"])
def feeds(request: Request) -> HttpResponse:
    """The reader's calendar addresses. A POST makes a new address and shows it once."""
    sources = feed_addresses.sources_of(request.viewer)
    form = FeedForm(request.POST or None, sources=sources)
    made, status = "", 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        reauthentication.require(request)
        _feed, token = feed_addresses.make(request.user, form.source)
        made, status = settings.SITE_URL + reverse("calendar:feed", args=[token]), 201
        form = FeedForm(sources=sources)
    context = {
        "form": form,
        "made": made,
        "made_webcal": "webcal://" + made.partition("://")[2] if made else "",
        "feeds": [(each, tour_calendar.title_of(each)) for each in feed_addresses.feeds_of(request.user)],
    }
    return render(request, "mapping/calendar_feeds/feeds.html", context, status=status)


@require_POST
def revoke_feed(request: Request, key: uuid.UUID) -> HttpResponse:
    """Revoke one of the reader's addresses."""
    feed_addresses.revoke(get_object_or_404(feed_addresses.feeds_of(request.user), pk=key))
    messages.success(request, _("The address no longer works."))
    return redirect("calendar:feeds")


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """A feed as an iCalendar file in its owner's language, with an ETag; 404 for every address that does not work."""
    found = feed_addresses.find(token)
    if found is None:
        late = _too_many("calendar-unknown", network_of(request), UNKNOWN)
        return _plain(429 if late else 404)
    if _too_many("calendar-feed", str(found.pk), FETCHES):
        return _plain(429)
    with translation.override(language_of(chosen_by(found.user))):
        body = tour_calendar.calendar_of(found, feed_addresses.tours_of(found), feed_addresses.events_of(found))
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    answer = unless_known(request, etag, lambda: HttpResponse(body, content_type="text/calendar; charset=utf-8"))
    return _private(answer)


@require_safe
def seat_file(request: Request, plan: uuid.UUID) -> HttpResponse:
    """One tour on which the reader has a seat, as an iCalendar file; 404 for any other tour."""
    offer = seat_offers.offer_for(request.viewer, plan)
    if not offer.mine or not seat_offers.may_join(request.viewer):
        raise Http404
    body = tour_calendar.calendar_of_seat(offer.plan, offer.districts)
    answer = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="tour.ics"'
    return _private(answer)


def _too_many(kind: str, value: str, most: int) -> bool:
    """Count a fetch, and return whether there were too many. If the cache does not answer, return False, because tokens
    cannot be guessed anyway."""
    try:
        return count(counter_key(kind, value), HOUR) > most
    except (RedisError, OSError):
        return False


def _plain(status: int) -> HttpResponse:
    response = HttpResponse(status=status, content_type="text/plain")
    if status == 429:
        response["Retry-After"] = str(HOUR)
    return _private(response)


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-cache"
    response["X-Robots-Tag"] = "noindex"
    return response
