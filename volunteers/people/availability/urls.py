"""URL of a volunteer's offer."""

from django.urls import path

from volunteers.people.availability import views

offer_urls = [path("offer/", views.offer, name="offer")]
