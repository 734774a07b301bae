"""URLs of events. The URLs contain no position and no name."""

from django.urls import path

from needs.neighbours.local_events.pages import organising_views, views
from solidarity.lib.http.open_addresses import open_path

event_urls = [
    open_path("events/", views.events, name="events"),
    open_path("events/in/<slug:slug>/", views.events_in, name="events_in"),
    path("events/mine/", organising_views.mine, name="events_mine"),
    path("events/new/", organising_views.new, name="event_new"),
    open_path("events/tiles/<int:z>/<int:x>/<int:y>.mvt", views.event_tile, name="event_tile"),
    open_path("events/<uuid:pk>/", views.event, name="event"),
    open_path("events/<uuid:pk>/event.ics", views.event_file, name="event_file"),
    path("events/<uuid:pk>/join/", views.join, name="event_join"),
    path("events/<uuid:pk>/leave/", views.leave, name="event_leave"),
    path("events/<uuid:pk>/edit/", organising_views.edit, name="event_edit"),
    path("events/<uuid:pk>/copy/", organising_views.copy, name="event_copy"),
    path("events/<uuid:pk>/day/", organising_views.change_day, name="event_day"),
    path("events/<uuid:pk>/cancel/", organising_views.cancel, name="event_cancel"),
    path("events/<uuid:pk>/restore/", organising_views.restore, name="event_restore"),
    path("events/<uuid:pk>/stops/", organising_views.stops, name="event_stops"),
    path("events/<uuid:pk>/stops/order/", organising_views.order_stops, name="event_order_stops"),
    path("events/<uuid:pk>/stops/remove/", organising_views.remove_stop, name="event_remove_stop"),
]
