"""Addresses of the coordinators' pages about the public languages."""

from django.urls import path

from mapping.views import languages

tongue_urls = [
    path("languages/", languages.languages, name="languages"),
    path("languages/<slug:language>/", languages.one_language, name="language"),
    path("languages/<slug:language>/<int:review>/drop/", languages.drop_review, name="language_drop"),
]
