"""URLs of applications. No URL contains a name or an address."""

from django.urls import path

from solidarity.lib.http.open_addresses import open_path
from volunteers.site.applications import views

app_name = "applications"
urlpatterns = [
    open_path("apply/", views.apply, name="apply"),
    open_path("apply/sent/", views.sent, name="sent"),
    path("applications/", views.applications, name="applications"),
    path("applications/<uuid:application>/answer/", views.answer, name="answer"),
    path("applications/<uuid:application>/again/", views.again, name="again"),
]
