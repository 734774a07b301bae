"""Addresses of the self-checks."""

from django.urls import path

from mapping.plans.self_checks import own_check_views, views

check_urls = [
    path("t/<slug:slug>/checks/", views.checks, name="checks"),
    path("t/<slug:slug>/checks/count/", views.accept_correction, name="accept_correction"),
    path("associations/<slug:slug>/check/", own_check_views.own_check, name="own_check"),
]
