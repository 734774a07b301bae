"""Addresses. No coordinate, name or telephone number ever stands in one."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from volunteers import views as people
from volunteers.notice_views import push_worker

urlpatterns = [
    path("", people.home, name="home"),
    path("about/", people.about, name="about"),
    path("health/", people.health, name="health"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("accounts/", include("allauth.urls")),
    path("me/", include("volunteers.urls")),
    path("push-worker.js", push_worker, name="push_worker"),
    path("map/", include("mapping.urls")),
    path("", include("needs.urls")),
    path("api/", include("needs.api.urls")),
    path("open311/v2/", include("needs.api.open311_urls")),
    *([path("styleguide/", people.styleguide, name="styleguide")] if settings.DEMO else []),
    path("admin/", admin.site.urls),
]
