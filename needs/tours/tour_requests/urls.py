"""URLs of suggested tours."""

from django.urls import path

from needs.tours.tour_requests import views

tour_request_urls = [
    path("tour-requests/in/<slug:slug>/", views.new_tour_request, name="new_tour_request"),
    path("tour-requests/<uuid:suggested>/", views.tour_request, name="tour_request"),
    path("tour-requests/<uuid:suggested>/answer/", views.answer, name="answer_tour_request"),
    path("tour-requests/<uuid:suggested>/change/", views.change, name="change_tour_request"),
    path("tour-requests/<uuid:suggested>/withdraw/", views.withdraw, name="withdraw_tour_request"),
]
