"""Addresses under /me/."""

from volunteers.people.urls import people_urls
from volunteers.places.urls import places_urls

app_name = "volunteers"
urlpatterns = [
    *people_urls,
    *places_urls,
]
