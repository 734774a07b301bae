"""URLs of telephone calls. None contains a place, a name or a number."""

from django.urls import path

from needs.phone_intake import views

phone_intake_urls = [
    path("triage/calls/new/", views.new_call, name="new_call"),
    path("triage/calls/similar/", views.similar, name="similar_needs"),
    path("triage/calls/<uuid:need>/", views.call_saved, name="call_saved"),
]
