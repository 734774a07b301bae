from django.urls import path

from volunteers.people.associations.urls import member_urls
from volunteers.people.availability.urls import offer_urls
from volunteers.people.notifications.urls import notification_urls
from volunteers.people.sign_in import views
from volunteers.people.tokens.token_urls import token_urls
from volunteers.people.vouching.urls import vouch_urls
from volunteers.places.territories import in_charge_views

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
