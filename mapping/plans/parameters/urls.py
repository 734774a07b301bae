"""Addresses of the parameters."""

from django.urls import path

from mapping.plans.parameters import views

parameter_urls = [
    path("t/<slug:slug>/parameters/", views.parameters_page, name="parameters"),
    path("t/<slug:slug>/parameters/state/", views.state, name="parameters_state"),
    path("t/<slug:slug>/parameters/<int:proposal>/decline/", views.decline, name="parameters_decline"),
]
