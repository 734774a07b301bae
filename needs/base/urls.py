"""Addresses of the wing base, those under /map/ in a list of their own."""

from django.urls import path

from needs.base.cold_plans import views as cold_plans_views
from needs.base.custom_questions import views as custom_questions_views
from needs.base.undo import views as undo_views
from solidarity.lib.http.open_addresses import open_path

base_urls = [
    path("questions/", custom_questions_views.edit, name="questions"),
    path("questions/<slug:association>/", custom_questions_views.edit, name="questions_of"),
    path("undo/", undo_views.undo, name="undo"),
]

base_map_urls = [
    path("t/<slug:slug>/cold/", cold_plans_views.cold_page, name="cold"),
    path("t/<slug:slug>/cold/<int:plan>/end/", cold_plans_views.end, name="cold_end"),
    path("t/<slug:slug>/cold/trigger/", cold_plans_views.trigger, name="cold_trigger"),
    path("t/<slug:slug>/cold/key/", cold_plans_views.key, name="cold_key"),
    open_path("t/<slug:slug>/cold/hook/", cold_plans_views.hook, name="cold_hook"),
]
