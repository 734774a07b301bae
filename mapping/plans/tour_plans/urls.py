"""Addresses of tonight's plan, of suggestions, and of tours that volunteers can join."""

from django.urls import path

from mapping.plans.tour_plans import stop_views, views, zone_action_views
from volunteers.people.api.page_throttling import limit_reads

tonight_urls = [
    *limit_reads([path("t/<slug:slug>/zones/<uuid:key>/needs/", zone_action_views.zone_needs, name="zone_needs")]),
    path("tonight/", views.start, name="tonight_start"),
    path("t/<slug:slug>/tonight/", views.tonight, name="tonight"),
    path("t/<slug:slug>/tonight/shapes.json", views.tonight_shapes, name="tonight_shapes"),
    path("t/<slug:slug>/suggest/", views.suggest, name="suggest"),
    path("t/<slug:slug>/zones/<uuid:key>/ask/", views.ask_for_zone, name="ask_for_zone"),
    path("planning.json", views.planning_layers, name="planning_layers"),
    path("seats/", views.seat_list, name="seats"),
    path("stops/<uuid:crew>/cells/", stop_views.stop_cells, name="stop_cells"),
    path("seats/<uuid:plan>/", views.seat, name="seat"),
    path("seats/<uuid:plan>/take/", views.take_seat, name="take_seat"),
    path("seats/<uuid:plan>/leave/", views.leave_seat, name="leave_seat"),
]
