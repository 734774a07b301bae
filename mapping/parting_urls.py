"""Addresses of an association's file of everything, and of leaving."""

from django.urls import path

from mapping.views import parting

parting_urls = [
    path("associations/<slug:slug>/everything/", parting.everything, name="parting"),
    path("associations/<slug:slug>/everything/file/", parting.parting_file, name="parting_file"),
    path("associations/<slug:slug>/leave/", parting.leave, name="parting_leave"),
]
