"""URLs of the names of places. The URLs accept places only in the body of a POST."""

from django.urls import path

from volunteers.place_names import pin_views, views

app_name = "places"
urlpatterns = [
    path("near/", pin_views.near, name="near"),
    path("find/", views.find, name="find"),
    path("box/", views.box, name="box"),
    path("bearings.geojson", views.bearings, name="bearings"),
]
