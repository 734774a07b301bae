"""URLs of conversations. The URLs contain no name and no place."""

from django.urls import path

from needs.conversations import views
from volunteers.people.api.page_throttling import limit_reads

conversation_urls = [
    path("conversations/", views.conversations, name="conversations"),
    path("conversations/<slug:kind>/<uuid:about>/", views.conversation, name="conversation_about"),
    path("crews/<uuid:crew>/", views.crew, name="crew"),
    path("crews/<uuid:crew>/read/", views.crew_read, name="crew_read"),
]
limit_reads(conversation_urls)
