"""URLs of the stops of tours. crew: id of a plan, or of a tour without one."""

from django.urls import path

from needs.tours.tour_stops import views
from volunteers.people.api.page_throttling import limit_reads

tour_stop_urls = [
    path("stops/<uuid:crew>/", views.stops, name="stops"),
    path("stops/<uuid:crew>/accept/", views.accept, name="accept_stops"),
    path("stops/<uuid:crew>/add/", views.add, name="add_stop"),
    path("stops/<uuid:crew>/remove/", views.remove, name="remove_stop"),
    path("stops/<uuid:crew>/order/", views.order, name="order_stops"),
    path("stops/<uuid:crew>/outcome/", views.outcome, name="stop_outcome"),
    path("stops/<uuid:crew>/on-phone/", views.on_phone, name="stops_on_phone"),
]
limit_reads(tour_stop_urls)
