"""URLs of the administrators' checklist."""

from django.urls import path

from volunteers.site.setup_checklist import address_views, feature_views, views
from volunteers.site.setup_checklist import site_detail_views as site

app_name = "setup"
urlpatterns = [
    path("", views.setup_page, name="checklist"),
    path("organisation/", site.organisation, name="organisation"),
    path("country/", site.country, name="country"),
    path("country/numbers/", site.numbers, name="numbers"),
    path("features/", feature_views.switch_features, name="features"),
    path("messages/", site.test_messages, name="test_messages"),
    path("messages/mail/", site.test_mail, name="test_mail"),
    path("messages/text/", site.test_text, name="test_text"),
    path("items/<slug:item>/later/", views.put_off, name="put_off"),
    path("street-map/", views.install_street_map, name="street_map"),
    path("street-map/state/", views.street_map_state, name="street_map_state"),
    path("addresses/", address_views.addresses, name="addresses"),
    path("addresses/state/", address_views.addresses_state, name="addresses_state"),
]
