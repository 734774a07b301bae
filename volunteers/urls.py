from django.urls import path

from volunteers.accounts import views
from volunteers.api.token_urls import token_urls
from volunteers.associations.urls import member_urls
from volunteers.associations.vouch_urls import vouch_urls
from volunteers.availability.urls import offer_urls
from volunteers.notifications.urls import notification_urls
from volunteers.territories import in_charge_views

app_name = "volunteers"
urlpatterns = [
    path("", views.me, name="me"),
    path("in-charge/<slug:slug>/", in_charge_views.choose, name="in_charge"),
    *notification_urls,
    *offer_urls,
    *token_urls,
    *member_urls,
    *vouch_urls,
]
