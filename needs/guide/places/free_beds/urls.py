"""URLs of free beds and reservations."""

from django.urls import path

from needs.guide.places.free_beds import views

free_bed_urls = [
    path("places/reservations/<uuid:reservation>/end/", views.end_reservation, name="reservation_end"),
    path("places/<uuid:pk>/beds/", views.beds, name="place_beds"),
    path("places/<uuid:pk>/beds/<slug:kind>/set/", views.set_number, name="place_beds_set"),
    path("places/<uuid:pk>/beds/<slug:kind>/remove/", views.remove, name="place_beds_remove"),
    path("places/<uuid:pk>/beds/<slug:kind>/reserve/", views.reserve, name="place_reserve"),
]
