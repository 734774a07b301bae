"""Addresses of the wing guide."""

from django.urls import path

from needs.guide.find_help import views as find_help_views
from needs.guide.places import views as places_views
from needs.guide.places.conflicts import views as conflict_views
from needs.guide.places.exports.views import guide_file
from needs.guide.places.free_beds import views as bed_views
from solidarity.lib.http.open_addresses import open_path

guide_urls = [
    open_path("find/", find_help_views.find_help, name="find_help"),
    open_path("find/near/", find_help_views.near, name="find_help_near"),
    open_path("find/sheet/", find_help_views.sheet_around, name="find_help_sheet_around"),
    open_path("find/tiles/<slug:kind>/<int:z>/<int:x>/<int:y>.mvt", find_help_views.place_tile, name="place_tile"),
    open_path("find/in/<slug:slug>/", find_help_views.find_help_in, name="find_help_in"),
    open_path("find/in/<slug:slug>/sheet/", find_help_views.sheet, name="find_help_sheet"),
    path("places/mine/", places_views.mine, name="places_mine"),
    path("places/new/", places_views.new, name="place_new"),
    path("places/mistakes/<uuid:mistake>/done/", places_views.handle_mistake, name="place_mistake_done"),
    open_path("places/<uuid:pk>/", places_views.place, name="place"),
    path("places/<uuid:pk>/edit/", places_views.edit, name="place_edit"),
    path("places/<uuid:pk>/checked/", places_views.check, name="place_check"),
    path("places/<uuid:pk>/close/", places_views.close, name="place_close"),
    path("places/<uuid:pk>/notice/", places_views.notice, name="place_notice"),
    path("places/<uuid:pk>/notice/<int:notice>/end/", places_views.end_notice, name="place_notice_end"),
    open_path("places/<uuid:pk>/mistake/", places_views.mistake, name="place_mistake"),
    path("places/reservations/<uuid:reservation>/end/", bed_views.end_reservation, name="reservation_end"),
    path("places/<uuid:pk>/beds/", bed_views.beds, name="place_beds"),
    path("places/<uuid:pk>/beds/<slug:kind>/set/", bed_views.set_number, name="place_beds_set"),
    path("places/<uuid:pk>/beds/<slug:kind>/remove/", bed_views.remove, name="place_beds_remove"),
    path("places/<uuid:pk>/beds/<slug:kind>/reserve/", bed_views.reserve, name="place_reserve"),
    path("places/conflicts/", conflict_views.conflicts, name="place_conflicts"),
    path("places/conflicts/<int:conflict>/", conflict_views.decide, name="place_conflict_decide"),
    open_path("places/guide.<slug:chosen>", guide_file, name="guide_file"),
]
