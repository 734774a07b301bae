"""URLs of the guide of places."""

from django.urls import path

from needs.guide.places import views
from needs.guide.places.conflicts.urls import conflict_urls
from needs.guide.places.exports.urls import place_export_urls
from needs.guide.places.free_beds.urls import free_bed_urls
from solidarity.lib.http.open_addresses import open_path

place_urls = [
    path("places/mine/", views.mine, name="places_mine"),
    path("places/new/", views.new, name="place_new"),
    path("places/mistakes/<uuid:mistake>/done/", views.handle_mistake, name="place_mistake_done"),
    open_path("places/<uuid:pk>/", views.place, name="place"),
    path("places/<uuid:pk>/edit/", views.edit, name="place_edit"),
    path("places/<uuid:pk>/checked/", views.check, name="place_check"),
    path("places/<uuid:pk>/close/", views.close, name="place_close"),
    path("places/<uuid:pk>/notice/", views.notice, name="place_notice"),
    path("places/<uuid:pk>/notice/<int:notice>/end/", views.end_notice, name="place_notice_end"),
    open_path("places/<uuid:pk>/mistake/", views.mistake, name="place_mistake"),
    *free_bed_urls,
    *conflict_urls,
    *place_export_urls,
]
