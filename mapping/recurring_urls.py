"""Address of the needs that come back."""

from django.urls import path

from mapping.views import recurring

recurring_urls = [path("t/<slug:slug>/recurring/", recurring.recurring_needs, name="recurring")]
