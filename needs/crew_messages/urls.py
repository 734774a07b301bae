"""URLs of messages to crews."""

from django.urls import path

from needs.crew_messages import views

crew_message_urls = [
    path("crews/<uuid:crew>/", views.crew, name="crew"),
    path("crews/<uuid:crew>/read/", views.read, name="crew_read"),
]
