"""Addresses of cold plans."""

from django.urls import path

from mapping.views import cold

cold_urls = [
    path("t/<slug:slug>/cold/", cold.cold_page, name="cold"),
    path("t/<slug:slug>/cold/<int:plan>/end/", cold.end, name="cold_end"),
    path("t/<slug:slug>/cold/trigger/", cold.trigger, name="cold_trigger"),
    path("t/<slug:slug>/cold/key/", cold.key, name="cold_key"),
    path("t/<slug:slug>/cold/hook/", cold.hook, name="cold_hook"),
]
