"""URLs of the names of places. The URLs accept places only in the body of a POST."""

from solidarity.lib.http.open_addresses import open_path
from volunteers.places.place_names import pin_views, views

app_name = "places"
urlpatterns = [
    open_path("near/", pin_views.near, name="near"),
    open_path("find/", views.find, name="find"),
    open_path("box/", views.box, name="box"),
    open_path("bearings.geojson", views.bearings, name="bearings"),
]
