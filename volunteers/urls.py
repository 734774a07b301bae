from django.urls import path

from volunteers.accounts import views
from volunteers.api.token_urls import token_urls
from volunteers.associations.urls import member_urls
from volunteers.availability.urls import offer_urls
from volunteers.notifications.urls import notification_urls

app_name = "volunteers"
urlpatterns = [path("", views.me, name="me"), *notification_urls, *offer_urls, *token_urls, *member_urls]
