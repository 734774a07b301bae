"""Address of the page of recurring needs."""

from django.urls import path

from mapping.plans.recurring_needs import views

recurring_urls = [path("t/<slug:slug>/recurring/", views.recurring_needs, name="recurring")]
