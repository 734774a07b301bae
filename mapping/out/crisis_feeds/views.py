"""The feeds of a running event, for everybody."""

import hashlib

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from mapping.out.crisis_feeds import feed_files
from mapping.out.crisis_feeds.feed_rows import Feed, feed_of, named
from needs.models import Crisis
from solidarity.lib.http.conditional_answers import unless_known
from volunteers.people.api.page_throttling import limited_by
from volunteers.people.api.throttling import AccountThrottle, AnonymousThrottle

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "rss": "application/rss+xml; charset=utf-8",
}
SOON = "public, max-age=300"


@require_safe
@limited_by(AnonymousThrottle, AccountThrottle)
def feed_file(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """One feed of an event; 404 unless the event is running. ETag and Last-Modified change only with a release."""
    feed = feed_of(get_object_or_404(Crisis, slug=slug), timezone.now())
    if feed is None or kind not in TYPES:
        raise Http404
    etag = f'"{feed.digest}-{kind}-{translation.get_language()}-{_names(feed)}"'
    response = unless_known(request, etag, lambda: _answer(request, feed, kind))
    if feed.as_of is not None:
        response.headers["Last-Modified"] = http_date(feed.as_of.timestamp())
    response.headers["Cache-Control"] = SOON
    return response


def _names(feed: Feed) -> str:
    """Return a digest of the texts that coordinators can change although the numbers stay the same."""
    words = [str(feed.crisis.own_name), *(str(each.category) for each in named(feed))]
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:12]


def _answer(request: HttpRequest, feed: Feed, kind: str) -> HttpResponse:
    if kind == "rss":
        return feed_files.as_rss(request, feed, reverse("needs:crisis_report", args=[feed.crisis.slug]))
    content = feed_files.as_csv(feed) if kind == "csv" else feed_files.as_geojson(feed)
    response = HttpResponse(content, content_type=TYPES[kind])
    response["Content-Disposition"] = f'inline; filename="{feed.crisis.slug}.{kind}"'
    return response
