"""Addresses of overrides and field notes."""

from django.urls import path

from mapping.map.overrides import note_views, views

override_urls = [
    path("t/<slug:slug>/zones/<uuid:key>/contest/", views.file_override, name="override"),
    path("t/<slug:slug>/zones/<uuid:key>/cells/", views.zone_cells, name="zone_cells"),
    path("t/<slug:slug>/zones/<uuid:key>/history/", views.history, name="override_history"),
    path("t/<slug:slug>/zones/<uuid:key>/notes/", note_views.zone_notes, name="notes"),
    path("t/<slug:slug>/zones/<uuid:key>/notes/add/", note_views.add, name="note_add"),
    path("t/<slug:slug>/zones/<uuid:key>/notes/<uuid:note>/remove/", note_views.remove, name="note_remove"),
    path("t/<slug:slug>/contests/<uuid:contest>/extend/", views.extend, name="override_extend"),
    path("t/<slug:slug>/contests/<uuid:contest>/withdraw/", views.withdraw, name="override_withdraw"),
    path("t/<slug:slug>/contests/<uuid:contest>/restore/", views.undo_withdraw, name="override_restore"),
    path("notes/<uuid:note>/", note_views.note, name="note"),
    path("t/<slug:slug>/overrides/", views.active_overrides, name="overrides"),
]
