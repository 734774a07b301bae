"""Addresses of the wing map."""

from django.urls import path

from mapping.map.overrides import note_views
from mapping.map.overrides import views as overrides_views
from mapping.map.pages import basemap_views, border_views, offline_views, tile_views
from mapping.map.pages import views as map_views
from mapping.map.releases.public import views as public_views
from mapping.map.why import views as why_views
from solidarity.lib.http.open_addresses import open_path
from volunteers.people.sign_in import view_as_views

map_urls = [
    path("", map_views.start, name="map"),
    path("zones/", map_views.start_list, name="zones"),
    open_path("kept.json", offline_views.kept, name="kept"),
    path("territories.json", map_views.territories, name="territories"),
    open_path("basemap.pmtiles", basemap_views.basemap_file, name="basemap"),
    path("t/<slug:slug>/", map_views.map_page, name="map"),
    path("t/<slug:slug>/zones/", map_views.zones, name="zones"),
    path("t/<slug:slug>/zones/<uuid:key>/", map_views.zone, name="zone"),
    open_path("t/<slug:slug>/tiles/<int:z>/<int:x>/<int:y>.mvt", tile_views.tile, name="tile"),
    open_path("t/<slug:slug>/tiles/version", tile_views.version, name="tiles_version"),
    open_path("t/<slug:slug>/release/<slug:digest>/<str:name>", tile_views.archive, name="archive"),
    open_path("t/<slug:slug>/borders.json", tile_views.boundaries, name="boundaries"),
    path("view-as/", view_as_views.switch_view, name="view_as"),
    open_path("public/", public_views.public_map, name="public"),
    open_path("releases/public/<slug:digest>/<str:name>", public_views.public_file, name="public_file"),
    open_path("boundaries.geojson", border_views.boundaries, name="boundaries"),
    path("t/<slug:slug>/zones/<uuid:key>/why/", why_views.why, name="why"),
    path("t/<slug:slug>/zones/<uuid:key>/why/recalculate/", why_views.why_recalculate, name="why_recalculate"),
    path("t/<slug:slug>/cells/<slug:cell>/why/", why_views.why_cell, name="why_cell"),
    path(
        "t/<slug:slug>/cells/<slug:cell>/why/recalculate/", why_views.why_cell_recalculate, name="why_cell_recalculate"
    ),
    path("t/<slug:slug>/zones/<uuid:key>/contest/", overrides_views.file_override, name="override"),
    path("t/<slug:slug>/zones/<uuid:key>/cells/", overrides_views.zone_cells, name="zone_cells"),
    path("t/<slug:slug>/zones/<uuid:key>/history/", overrides_views.history, name="override_history"),
    path("t/<slug:slug>/zones/<uuid:key>/notes/", note_views.zone_notes, name="notes"),
    path("t/<slug:slug>/zones/<uuid:key>/notes/add/", note_views.add, name="note_add"),
    path("t/<slug:slug>/zones/<uuid:key>/notes/<uuid:note>/remove/", note_views.remove, name="note_remove"),
    path("t/<slug:slug>/contests/<uuid:contest>/extend/", overrides_views.extend, name="override_extend"),
    path("t/<slug:slug>/contests/<uuid:contest>/withdraw/", overrides_views.withdraw, name="override_withdraw"),
    path("t/<slug:slug>/contests/<uuid:contest>/restore/", overrides_views.undo_withdraw, name="override_restore"),
    path("notes/<uuid:note>/", note_views.note, name="note"),
    path("t/<slug:slug>/overrides/", overrides_views.active_overrides, name="overrides"),
]
