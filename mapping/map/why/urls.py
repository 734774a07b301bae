"""Addresses of the Why pages. The URLs name a cell by its H3 string."""

from django.urls import path

from mapping.map.why import views

why_urls = [
    path("t/<slug:slug>/zones/<uuid:key>/why/", views.why, name="why"),
    path("t/<slug:slug>/zones/<uuid:key>/why/recalculate/", views.why_recalculate, name="why_recalculate"),
    path("t/<slug:slug>/cells/<slug:cell>/why/", views.why_cell, name="why_cell"),
    path("t/<slug:slug>/cells/<slug:cell>/why/recalculate/", views.why_cell_recalculate, name="why_cell_recalculate"),
]
