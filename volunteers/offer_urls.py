"""Addresses of what a volunteer offers."""

from django.urls import path

from volunteers import offer_views

offer_urls = [path("offer/", offer_views.offer, name="offer")]
