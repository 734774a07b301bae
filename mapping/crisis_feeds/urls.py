"""Addresses of the feeds of an event, under /crisis-feeds/. The URLs stay the same for all releases."""

from django.urls import path

from mapping.crisis_feeds.views import feed_file

app_name = "crisis_feeds"
urlpatterns = [path("<slug:slug>.<slug:kind>", feed_file, name="event")]
