"""URLs of offers."""

from django.urls import path

from needs.neighbours.giving import views
from volunteers.people.api.page_throttling import limit_reads

giving_urls = [
    path("giving/", views.giving, name="giving"),
    path("giving/mine/", views.mine, name="giving_mine"),
    path("giving/new/", views.new_offer, name="new_offer"),
    path("giving/<uuid:gift>/", views.offer, name="offer"),
    path("giving/<uuid:gift>/close/", views.close_offer, name="close_offer"),
    path("giving/<uuid:gift>/ask/", views.ask, name="ask_for_offer"),
    path("giving/requests/<uuid:gift_request>/agree/", views.agree, name="agree_request"),
    path("giving/requests/<uuid:gift_request>/decline/", views.decline, name="decline_request"),
    path("giving/requests/<uuid:gift_request>/give/", views.give, name="give_request"),
    path("giving/requests/<uuid:gift_request>/cancel/", views.cancel, name="cancel_request"),
]
limit_reads(giving_urls)
