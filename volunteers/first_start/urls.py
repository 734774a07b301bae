"""URLs of the first start."""

from django.urls import path

from volunteers.first_start import views

app_name = "first_start"
urlpatterns = [
    path("", views.account, name="account"),
    path("factor/", views.factor, name="factor"),
    path("codes/", views.codes, name="codes"),
    path("<str:token>/", views.open_link, name="open"),
]
