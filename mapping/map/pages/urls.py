"""Addresses of the map, the zones and their tiles. The URLs name a territory by its slug and never name a place."""

from django.urls import path

from mapping.map.pages import basemap_views, border_views, offline_views, tile_views, views
from mapping.map.releases.public import views as public
from solidarity.lib.http.open_addresses import open_path
from volunteers.people.sign_in import view_as_views

map_urls = [
    path("", views.start, name="map"),
    path("zones/", views.start_list, name="zones"),
    open_path("kept.json", offline_views.kept, name="kept"),
    path("territories.json", views.territories, name="territories"),
    open_path("basemap.pmtiles", basemap_views.basemap_file, name="basemap"),
    path("t/<slug:slug>/", views.map_page, name="map"),
    path("t/<slug:slug>/zones/", views.zones, name="zones"),
    path("t/<slug:slug>/zones/<uuid:key>/", views.zone, name="zone"),
    open_path("t/<slug:slug>/tiles/<int:z>/<int:x>/<int:y>.mvt", tile_views.tile, name="tile"),
    open_path("t/<slug:slug>/tiles/version", tile_views.version, name="tiles_version"),
    open_path("t/<slug:slug>/release/<slug:digest>/<str:name>", tile_views.archive, name="archive"),
    open_path("t/<slug:slug>/borders.json", tile_views.boundaries, name="boundaries"),
    path("view-as/", view_as_views.switch_view, name="view_as"),
    open_path("public/", public.public_map, name="public"),
    open_path("releases/public/<slug:digest>/<str:name>", public.public_file, name="public_file"),
    open_path("boundaries.geojson", border_views.boundaries, name="boundaries"),
]
