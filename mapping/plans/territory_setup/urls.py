"""Addresses of the pages of territories."""

from django.urls import path

from mapping.plans.territory_setup import axis_views, commune_views, count_views, territory_storing_views, views

territory_urls = [
    path("territories/", views.territories_page, name="territory_setup"),
    path("territories/new/", views.upload, name="territories_upload"),
    path("territories/communes/", commune_views.communes, name="communes"),
    path("territories/communes/download/", commune_views.download_communes, name="communes_download"),
    path("territories/communes/state/", commune_views.communes_state, name="communes_state"),
    path("territories/new/<uuid:draft>/", views.preview, name="territories_preview"),
    path("territories/new/<uuid:draft>/stored/", territory_storing_views.stored, name="territories_stored"),
    path("territories/new/<uuid:draft>/axes/", axis_views.axes, name="territories_axes"),
    path("territories/new/<uuid:draft>/borders.json", views.draft_borders, name="draft_borders"),
    path("t/<slug:slug>/territory/", views.territory_page, name="territory_page"),
    path("t/<slug:slug>/count/", count_views.count, name="count"),
    path("t/<slug:slug>/charge/", views.give_charge, name="territory_charge"),
    path("t/<slug:slug>/border/", views.upload_border, name="territory_border_upload"),
    path("t/<slug:slug>/border/<uuid:draft>/axes/", axis_views.axes, name="territory_border_axes"),
    path("t/<slug:slug>/border/<uuid:draft>/", views.border, name="territory_border"),
]
