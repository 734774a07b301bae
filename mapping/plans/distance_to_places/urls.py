"""Addresses of the distances to open places."""

from django.urls import path

from mapping.plans.distance_to_places import views

distance_urls = [
    path("t/<slug:slug>/distance/", views.distance, name="distance"),
    path("t/<slug:slug>/distance.csv", views.distance_file, name="distance_file"),
]
