"""Addresses of the Why pages. A cell stands in them by its name in H3's spelling, as coarse as any map's hexagon."""

from django.urls import path

from mapping.why import views

why_urls = [
    path("t/<slug:slug>/zones/<uuid:key>/why/", views.why, name="why"),
    path("t/<slug:slug>/zones/<uuid:key>/why/recalculate/", views.why_recalculate, name="why_recalculate"),
    path("t/<slug:slug>/cells/<slug:cell>/why/", views.why_cell, name="why_cell"),
    path("t/<slug:slug>/cells/<slug:cell>/why/recalculate/", views.why_cell_recalculate, name="why_cell_recalculate"),
]
