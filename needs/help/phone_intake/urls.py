"""URLs of telephone calls. The URLs contain no place, no name and no number."""

from django.urls import path

from needs.help.phone_intake import views
from volunteers.people.api.page_throttling import limit_reads

phone_intake_urls = [
    path("triage/calls/new/", views.new_call, name="new_call"),
    path("triage/calls/similar/", views.similar, name="similar_needs"),
    path("triage/calls/<uuid:need>/", views.call_saved, name="call_saved"),
]
limit_reads(phone_intake_urls)
