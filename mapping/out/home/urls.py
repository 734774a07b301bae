"""Addresses of the dashboard."""

from django.urls import path

from mapping.out.home import views

home_urls = [
    path("dashboard/", views.start, name="dashboard"),
    path("t/<slug:slug>/dashboard/", views.dashboard, name="dashboard"),
]
