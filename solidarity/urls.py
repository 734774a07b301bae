"""Addresses. No coordinate, name or telephone number ever stands in one."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from volunteers.accounts import views as people
from volunteers.web_app import views as app

urlpatterns = [
    path("", people.home, name="home"),
    path("about/", people.about, name="about"),
    path("health/", people.health, name="health"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("accounts/", include("allauth.urls")),
    path("me/", include("volunteers.urls")),
    path("worker.js", app.worker, name="worker"),
    path("push-worker.js", app.worker),  # its address before it served the whole app: browsers ask there for updates
    path("app.webmanifest", app.manifest, name="manifest"),
    path("offline/", app.offline, name="offline"),
    path("map/", include("mapping.urls")),
    path("", include("needs.urls")),
    path("api/", include("needs.api.urls")),
    path("open311/v2/", include("needs.api.open311_urls")),
    *([path("styleguide/", people.styleguide, name="styleguide")] if settings.DEMO else []),
    path("admin/", admin.site.urls),
]
