"""URLs of the coordinators' language review pages."""

from django.urls import path

from needs.doors.language_reviews import views

language_urls = [
    path("languages/", views.languages, name="languages"),
    path("languages/<slug:language>/", views.one_language, name="language"),
    path("languages/<slug:language>/<int:review>/drop/", views.drop_review, name="language_drop"),
]
