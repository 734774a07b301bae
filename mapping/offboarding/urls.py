"""Addresses of an association's file of everything, and of leaving."""

from django.urls import path

from mapping.offboarding import views

parting_urls = [
    path("associations/<slug:slug>/everything/", views.everything, name="parting"),
    path("associations/<slug:slug>/everything/file/", views.parting_file, name="parting_file"),
    path("associations/<slug:slug>/leave/", views.leave, name="parting_leave"),
]
