"""URLs of the guides."""

from solidarity.lib.http.open_addresses import open_path
from volunteers.site.guides import views

app_name = "guides"
urlpatterns = [
    open_path("", views.guides, name="guides"),
    open_path("<slug:reader>/", views.read, name="guide"),
]
