"""Addresses of the self-checks."""

from django.urls import path

from mapping.self_checks import views

check_urls = [
    path("t/<slug:slug>/checks/", views.checks, name="checks"),
    path("t/<slug:slug>/checks/count/", views.accept_correction, name="accept_correction"),
]
