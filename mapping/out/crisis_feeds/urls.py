"""Addresses of the feeds of an event, under /crisis-feeds/. The URLs stay the same for all releases."""

from mapping.out.crisis_feeds.views import feed_file
from solidarity.lib.http.open_addresses import open_path

app_name = "crisis_feeds"
urlpatterns = [open_path("<slug:slug>.<slug:kind>", feed_file, name="event")]
