"""URLs of the guides."""

from django.urls import path

from volunteers.guides import views

app_name = "guides"
urlpatterns = [
    path("", views.guides, name="guides"),
    path("<slug:reader>/", views.read, name="guide"),
]
