"""Addresses of the map, the zones and their tiles. A territory stands in them by its short name, a place never does."""

from django.urls import path

from mapping.views import basemap, boundaries, dashboard, kept, looking, map, public, tiles

map_urls = [
    path("", map.start, name="map"),
    path("zones/", map.start_list, name="zones"),
    path("kept.json", kept.kept, name="kept"),
    path("territories.json", map.territories, name="territories"),
    path("dashboard/", dashboard.start, name="dashboard"),
    path("basemap.pmtiles", basemap.basemap_file, name="basemap"),
    path("t/<slug:slug>/", map.map_page, name="map"),
    path("t/<slug:slug>/zones/", map.zones, name="zones"),
    path("t/<slug:slug>/zones/<uuid:key>/", map.zone, name="zone"),
    path("t/<slug:slug>/dashboard/", dashboard.dashboard, name="dashboard"),
    path("t/<slug:slug>/tiles/<int:z>/<int:x>/<int:y>.mvt", tiles.tile, name="tile"),
    path("t/<slug:slug>/release/<slug:digest>/<str:name>", tiles.archive, name="archive"),
    path("t/<slug:slug>/borders.json", tiles.boundaries, name="boundaries"),
    path("look-as/", looking.look_as, name="look_as"),
    path("public/", public.public_map, name="public"),
    path("releases/public/<slug:digest>/<str:name>", public.public_file, name="public_file"),
    path("boundaries.geojson", boundaries.boundaries, name="boundaries"),
]
