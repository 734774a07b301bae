"""URLs of cold plans."""

from django.urls import path

from needs.base.cold_plans import views
from solidarity.lib.http.open_addresses import open_path

cold_urls = [
    path("t/<slug:slug>/cold/", views.cold_page, name="cold"),
    path("t/<slug:slug>/cold/<int:plan>/end/", views.end, name="cold_end"),
    path("t/<slug:slug>/cold/trigger/", views.trigger, name="cold_trigger"),
    path("t/<slug:slug>/cold/key/", views.key, name="cold_key"),
    open_path("t/<slug:slug>/cold/hook/", views.hook, name="cold_hook"),
]
