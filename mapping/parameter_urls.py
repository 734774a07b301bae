"""Addresses of the parameters."""

from django.urls import path

from mapping.views import parameters

parameter_urls = [
    path("t/<slug:slug>/parameters/", parameters.parameters_page, name="parameters"),
    path("t/<slug:slug>/parameters/state/", parameters.state, name="parameters_state"),
    path("t/<slug:slug>/parameters/<int:proposal>/decline/", parameters.decline, name="parameters_decline"),
]
