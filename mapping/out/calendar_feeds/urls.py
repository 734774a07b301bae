"""Addresses of calendar feeds. The token is the only key; only its digest is stored."""

from django.urls import path

from mapping.out.calendar_feeds import views
from solidarity.lib.http.open_addresses import open_path

app_name = "calendar"
urlpatterns = [
    path("", views.feeds, name="feeds"),
    path("<uuid:key>/revoke/", views.revoke_feed, name="revoke_feed"),
    path("seats/<uuid:plan>/tour.ics", views.seat_file, name="seat"),
    open_path("<str:token>.ics", views.feed, name="feed"),
]
