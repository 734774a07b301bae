"""URLs of what people give."""

from django.urls import path

from needs.offers import views

giving_urls = [
    path("giving/", views.giving, name="giving"),
    path("giving/mine/", views.mine, name="giving_mine"),
    path("giving/new/", views.new_offer, name="new_offer"),
    path("giving/<uuid:offer>/", views.offer, name="offer"),
    path("giving/<uuid:offer>/close/", views.close_offer, name="close_offer"),
    path("giving/<uuid:offer>/ask/", views.ask, name="ask_for_offer"),
    path("giving/requests/<uuid:asked>/agree/", views.agree, name="agree_request"),
    path("giving/requests/<uuid:asked>/decline/", views.decline, name="decline_request"),
    path("giving/requests/<uuid:asked>/give/", views.give, name="give_request"),
    path("giving/requests/<uuid:asked>/cancel/", views.cancel, name="cancel_request"),
]
