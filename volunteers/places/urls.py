"""Addresses of the wing places."""

from django.urls import path

from volunteers.places.territories import in_charge_views

places_urls = [
    path("in-charge/<slug:slug>/", in_charge_views.choose, name="in_charge"),
]
