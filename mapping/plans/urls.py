"""Addresses of the wing plans."""

from django.urls import path

from mapping.plans.distance_to_places import views as distance_to_places_views
from mapping.plans.parameters import views as parameters_views
from mapping.plans.recurring_needs import views as recurring_needs_views
from mapping.plans.self_checks import own_check_views
from mapping.plans.self_checks import views as self_checks_views
from mapping.plans.territory_setup import axis_views, commune_views, count_views, territory_storing_views
from mapping.plans.territory_setup import views as territory_setup_views
from mapping.plans.tour_plans import stop_views, zone_action_views
from mapping.plans.tour_plans import views as tour_plans_views
from volunteers.people.api.page_throttling import limit_reads

plans_urls = [
    path("territories/", territory_setup_views.territories_page, name="territory_setup"),
    path("territories/new/", territory_setup_views.upload, name="territories_upload"),
    path("territories/communes/", commune_views.communes, name="communes"),
    path("territories/communes/download/", commune_views.download_communes, name="communes_download"),
    path("territories/communes/state/", commune_views.communes_state, name="communes_state"),
    path("territories/new/<uuid:draft>/", territory_setup_views.preview, name="territories_preview"),
    path("territories/new/<uuid:draft>/stored/", territory_storing_views.stored, name="territories_stored"),
    path("territories/new/<uuid:draft>/axes/", axis_views.axes, name="territories_axes"),
    path("territories/new/<uuid:draft>/borders.json", territory_setup_views.draft_borders, name="draft_borders"),
    path("t/<slug:slug>/territory/", territory_setup_views.territory_page, name="territory_page"),
    path("t/<slug:slug>/count/", count_views.count, name="count"),
    path("t/<slug:slug>/charge/", territory_setup_views.give_charge, name="territory_charge"),
    path("t/<slug:slug>/border/", territory_setup_views.upload_border, name="territory_border_upload"),
    path("t/<slug:slug>/border/<uuid:draft>/axes/", axis_views.axes, name="territory_border_axes"),
    path("t/<slug:slug>/border/<uuid:draft>/", territory_setup_views.border, name="territory_border"),
    *limit_reads([path("t/<slug:slug>/zones/<uuid:key>/needs/", zone_action_views.zone_needs, name="zone_needs")]),
    path("tonight/", tour_plans_views.start, name="tonight_start"),
    path("t/<slug:slug>/tonight/", tour_plans_views.tonight, name="tonight"),
    path("t/<slug:slug>/tonight/shapes.json", tour_plans_views.tonight_shapes, name="tonight_shapes"),
    path("t/<slug:slug>/suggest/", tour_plans_views.suggest, name="suggest"),
    path("t/<slug:slug>/zones/<uuid:key>/ask/", tour_plans_views.ask_for_zone, name="ask_for_zone"),
    path("planning.json", tour_plans_views.planning_layers, name="planning_layers"),
    path("seats/", tour_plans_views.seat_list, name="seats"),
    path("stops/<uuid:crew>/cells/", stop_views.stop_cells, name="stop_cells"),
    path("seats/<uuid:plan>/", tour_plans_views.seat, name="seat"),
    path("seats/<uuid:plan>/take/", tour_plans_views.take_seat, name="take_seat"),
    path("seats/<uuid:plan>/leave/", tour_plans_views.leave_seat, name="leave_seat"),
    path("t/<slug:slug>/recurring/", recurring_needs_views.recurring_needs, name="recurring"),
    path("t/<slug:slug>/parameters/", parameters_views.parameters_page, name="parameters"),
    path("t/<slug:slug>/parameters/state/", parameters_views.state, name="parameters_state"),
    path("t/<slug:slug>/parameters/<int:proposal>/decline/", parameters_views.decline, name="parameters_decline"),
    path("t/<slug:slug>/checks/", self_checks_views.checks, name="checks"),
    path("t/<slug:slug>/checks/count/", self_checks_views.accept_correction, name="accept_correction"),
    path("associations/<slug:slug>/check/", own_check_views.own_check, name="own_check"),
    path("t/<slug:slug>/distance/", distance_to_places_views.distance, name="distance"),
    path("t/<slug:slug>/distance.csv", distance_to_places_views.distance_file, name="distance_file"),
]
