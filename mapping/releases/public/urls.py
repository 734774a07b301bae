"""Addresses of the latest public release, under /public/. The URLs stay the same for all releases."""

from django.urls import path

from mapping.releases.public import latest_views

app_name = "public_data"
urlpatterns = [
    path("latest.geojson", latest_views.geojson, name="geojson"),
    path("latest.csv", latest_views.table, name="csv"),
    path("tiles.json", latest_views.tilejson, name="tilejson"),
    path("tiles/<slug:digest>/<int:z>/<int:x>/<int:y>.mvt", latest_views.tile, name="tile"),
]
