"""The feed of an event as CSV with HXL tags, GeoJSON and RSS."""

import csv
import io
import json

from django.contrib.syndication.views import Feed as SyndicationFeed
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mapping.map.releases.public.latest import terms_address
from mapping.out.crisis_feeds.feed_rows import Feed, NamedRow, named
from solidarity.lib.files import hxl_tags
from solidarity.lib.files.formula_injection import neutral

COLUMNS = ("event", "until", "area", "category", "kind", "reports_from", "handled_from", "closed_from")


def _values(feed: Feed, each: NamedRow) -> dict[str, str | int | None]:
    return {
        "event": str(feed.crisis.own_name),
        "until": timezone.localtime(feed.as_of).isoformat() if feed.as_of else "",
        "area": each.area.name,
        "category": str(each.category),
        "kind": each.category.kind,
        "reports_from": each.row.reports,
        "handled_from": each.row.handled,
        "closed_from": each.row.closed,
    }


def as_csv(feed: Feed) -> bytes:
    """Return a table with HXL tags: UTF-8 with a byte order mark, commas."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for each in named(feed):
        row = _values(feed, each)
        writer.writerow({name: neutral(value) if isinstance(value, str) else value for name, value in row.items()})
    content = b"\xef\xbb\xbf" + out.getvalue().encode()
    return hxl_tags.with_tags(content, hxl_tags.tags_of("event", COLUMNS))


def as_geojson(feed: Feed) -> bytes:
    """Return a FeatureCollection (RFC 7946): each row has the border of its commune."""
    features = [
        {
            "type": "Feature",
            "id": f"{each.area.slug}-{each.category.pk}",
            "geometry": json.loads(each.area.polygon.json),
            "properties": _values(feed, each),
        }
        for each in named(feed)
    ]
    until = feed.as_of.isoformat() if feed.as_of else None
    whole = {"type": "FeatureCollection", "until": until, "terms": terms_address(), "features": features}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


class _Rss(SyndicationFeed):
    """RSS 2.0 with one item for each row. The id of an item changes with each release, so that feed readers show the
    new numbers."""

    feed_type = Rss201rev2Feed
    item_guid_is_permalink = False

    def __init__(self, feed: Feed, address: str) -> None:
        self.feed, self.address = feed, address

    def get_object(self, request: HttpRequest) -> Feed:
        return self.feed

    def title(self) -> str:
        return str(self.feed.crisis.own_name)

    def link(self) -> str:
        return self.address

    def description(self) -> str:
        return _("Reports of this event by commune and category, each week, a week late. Numbers are lower limits.")

    def items(self) -> list[NamedRow]:
        return named(self.feed)

    def item_title(self, item: NamedRow) -> str:
        return f"{item.area.name} · {item.category}"

    def item_description(self, item: NamedRow) -> str:
        number = item.row.reports
        words = [ngettext("%(n)d report or more.", "%(n)d reports or more.", number) % {"n": number}]
        if item.row.handled:
            words.append(_("Being handled: %(n)d or more.") % {"n": item.row.handled})
        if item.row.closed:
            words.append(_("Closed: %(n)d or more.") % {"n": item.row.closed})
        return " ".join(words)

    def item_link(self, item: NamedRow) -> str:
        return self.address

    def item_guid(self, item: NamedRow) -> str:
        return f"{self.feed.digest}-{item.row.area}-{item.row.category}"

    def item_pubdate(self, item: NamedRow) -> object:
        return self.feed.as_of


def as_rss(request: HttpRequest, feed: Feed, address: str) -> HttpResponse:
    """Return the feed as RSS. address: the address of the event's public page."""
    response: HttpResponse = _Rss(feed, address)(request)
    return response
