"""URLs of the administrators' checklist."""

from django.urls import path

from volunteers.setup_checklist import views

app_name = "setup"
urlpatterns = [
    path("", views.setup_page, name="checklist"),
    path("street-map/", views.install_street_map, name="street_map"),
    path("street-map/state/", views.street_map_state, name="street_map_state"),
]
