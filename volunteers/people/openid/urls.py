"""URLs of the sign-in with another organisation's account. These URLs come before allauth's own URLs, which stay
closed."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, re_path

from solidarity.lib.http.open_addresses import open_path
from volunteers.people.openid import views


@login_not_required
def _closed(request: HttpRequest, **_more: Any) -> HttpResponse:
    raise Http404


urlpatterns = [
    open_path("oidc/login/", views.login, name="openid_login"),
    open_path("oidc/login/callback/", views.callback, name="openid_callback"),
    path("oidc/connect/", views.connect, name="openid_connect"),
    path("oidc/disconnect/", views.disconnect, name="openid_disconnect"),
    re_path(r"^(?:3rdparty|social|oidc)/", _closed),
]
