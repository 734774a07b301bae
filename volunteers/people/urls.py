"""URLs of the pages about people. No URL contains a name or an e-mail address."""

from django.urls import path

from volunteers.people import views

app_name = "people"
urlpatterns = [
    path("", views.people, name="people"),
    path("sign-up/", views.choose_sign_up, name="sign_up"),
    path("<uuid:person>/", views.person, name="person"),
    path("<uuid:person>/block/", views.block, name="block"),
    path("<uuid:person>/unblock/", views.unblock, name="unblock"),
]
