"""Addresses of the latest public release, under /public/. The URLs stay the same for all releases."""

from mapping.map.releases.public import latest_views
from solidarity.lib.http.open_addresses import open_path

app_name = "public_data"
urlpatterns = [
    open_path("latest.geojson", latest_views.geojson, name="geojson"),
    open_path("latest.csv", latest_views.table, name="csv"),
    open_path("tiles.json", latest_views.tilejson, name="tilejson"),
    open_path("tiles/<slug:digest>/<int:z>/<int:x>/<int:y>.mvt", latest_views.tile, name="tile"),
]
