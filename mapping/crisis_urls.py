"""Addresses of the coordinators' pages about events."""

from django.urls import path

from mapping.views import crises

crisis_urls = [
    path("crises/", crises.crises, name="crises"),
    path("crises/new/", crises.new_crisis, name="crisis_new"),
    path("crises/<slug:slug>/change/", crises.change_crisis, name="crisis_change"),
    path("crises/<slug:slug>/close/", crises.close_crisis, name="crisis_close"),
    path("crises/<slug:slug>/reopen/", crises.reopen_crisis, name="crisis_reopen"),
]
