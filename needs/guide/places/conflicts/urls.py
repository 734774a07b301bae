"""Addresses of the conflicts between sources and entries of the guide."""

from django.urls import path

from needs.guide.places.conflicts import views

conflict_urls = [
    path("places/conflicts/", views.conflicts, name="place_conflicts"),
    path("places/conflicts/<int:conflict>/", views.decide, name="place_conflict_decide"),
]
