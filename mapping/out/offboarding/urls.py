"""Addresses for the departure of an association and for the export of all its data."""

from django.urls import path

from mapping.out.offboarding import views

departure_urls = [
    path("associations/<slug:slug>/everything/", views.everything, name="departure"),
    path("associations/<slug:slug>/everything/file/", views.departure_file, name="departure_file"),
    path("associations/<slug:slug>/leave/", views.leave, name="departure_confirm"),
]
