"""Addresses of contests and field notes."""

from django.urls import path

from mapping.views import contest, notes

contest_urls = [
    path("t/<slug:slug>/zones/<uuid:key>/contest/", contest.contest, name="contest"),
    path("t/<slug:slug>/zones/<uuid:key>/cells/", contest.zone_cells, name="zone_cells"),
    path("t/<slug:slug>/zones/<uuid:key>/history/", contest.history, name="contest_history"),
    path("t/<slug:slug>/zones/<uuid:key>/notes/", notes.zone_notes, name="notes"),
    path("t/<slug:slug>/zones/<uuid:key>/notes/add/", notes.add, name="note_add"),
    path("t/<slug:slug>/zones/<uuid:key>/notes/<uuid:note>/remove/", notes.remove, name="note_remove"),
    path("t/<slug:slug>/contests/<uuid:contest>/extend/", contest.extend, name="contest_extend"),
    path("t/<slug:slug>/contests/<uuid:contest>/withdraw/", contest.withdraw, name="contest_withdraw"),
    path("t/<slug:slug>/disputes/", contest.open_disputes, name="disputes"),
]
