"""URLs of the first start."""

from django.urls import path

from solidarity.lib.http.open_addresses import open_path
from volunteers.site.first_start import views

app_name = "first_start"
urlpatterns = [
    open_path("", views.account, name="account"),
    open_path("factor/", views.factor, name="factor"),
    path("codes/", views.codes, name="codes"),
    open_path("<str:token>/", views.open_link, name="open"),
]
