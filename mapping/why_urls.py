"""Addresses of the Why pages. A cell stands in them by its name in H3's spelling, as coarse as any map's hexagon."""

from django.urls import path

from mapping.views import why

why_urls = [
    path("t/<slug:slug>/zones/<uuid:key>/why/", why.why, name="why"),
    path("t/<slug:slug>/zones/<uuid:key>/why/again/", why.why_again, name="why_again"),
    path("t/<slug:slug>/cells/<slug:cell>/why/", why.why_cell, name="why_cell"),
    path("t/<slug:slug>/cells/<slug:cell>/why/again/", why.why_cell_again, name="why_cell_again"),
]
