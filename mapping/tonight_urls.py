"""Addresses of tonight's plan, suggestions and places for volunteers."""

from django.urls import path

from mapping.views import tonight

tonight_urls = [
    path("tonight/", tonight.start, name="tonight_start"),
    path("t/<slug:slug>/tonight/", tonight.tonight, name="tonight"),
    path("t/<slug:slug>/tonight/shapes.json", tonight.tonight_shapes, name="tonight_shapes"),
    path("t/<slug:slug>/suggest/", tonight.suggest, name="suggest"),
    path("seats/", tonight.seats, name="seats"),
    path("seats/<uuid:plan>/", tonight.seat, name="seat"),
    path("seats/<uuid:plan>/take/", tonight.take_seat, name="take_seat"),
    path("seats/<uuid:plan>/leave/", tonight.leave_seat, name="leave_seat"),
]
