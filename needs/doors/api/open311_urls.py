"""URLs of Open311 GeoReport v2. The suffix selects JSON or XML."""

from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt

from needs.doors.api import open311_api

app_name = "open311"
_ENDING = r"(?:\.(?P<format>json|xml))?/?$"
_KEY = r"(?P<key>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
urlpatterns = [
    path("", open311_api.Discovery.as_view(), name="root"),
    re_path(rf"^discovery{_ENDING}", open311_api.Discovery.as_view(), name="discovery"),
    re_path(rf"^services{_ENDING}", open311_api.Services.as_view(), name="services"),
    re_path(rf"^services/(?P<code>[a-z0-9_-]+){_ENDING}", open311_api.Service.as_view(), name="service"),
    re_path(rf"^requests{_ENDING}", csrf_exempt(open311_api.Requests.as_view()), name="requests"),
    re_path(rf"^requests/{_KEY}{_ENDING}", open311_api.RequestView.as_view(), name="request"),
    re_path(rf"^tokens/{_KEY}{_ENDING}", open311_api.Token.as_view(), name="token"),
    re_path(r"^.*?(?:\.(?P<format>json|xml))?$", open311_api.UnknownAddress.as_view()),
]
