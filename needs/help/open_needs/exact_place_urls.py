"""URLs of offers of help and of budgets of exact places."""

from django.urls import path

from needs.help.open_needs import exact_place_views as views
from volunteers.people.api.page_throttling import limit_reads

exact_place_urls = [
    path("open/<uuid:need>/offer/", views.offer_help, name="offer_help"),
    path("offers/<uuid:offer>/withdraw/", views.withdraw_offer, name="withdraw_offer"),
    path("triage/places/", views.places_opened, name="places_opened"),
    path("triage/places/<uuid:holder>/raise/", views.raise_budget, name="raise_budget"),
    path("triage/<uuid:need>/offers/<uuid:offer>/", views.answer_offer, name="answer_offer"),
]
limit_reads(exact_place_urls)
