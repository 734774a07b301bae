"""URLs of the pages about the running site."""

from django.urls import path

from solidarity.lib.http.open_addresses import open_path
from solidarity.ops.operation import views

app_name = "operation"
urlpatterns = [
    open_path("health/ready", views.ready, name="ready"),
    open_path("metrics", views.metrics_page, name="metrics"),
    path("set-up/back-up/", views.back_up, name="back_up"),
    path("set-up/back-up/state/", views.back_up_state, name="back_up_state"),
    path("set-up/unfolded/", views.unfolded_reports, name="unfolded"),
    path("set-up/what-runs/", views.what_runs, name="what_runs"),
]
