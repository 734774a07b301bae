"""URLs of the pages about people. No URL contains a name or an e-mail address."""

from django.urls import path

from solidarity.lib.http.open_addresses import open_path
from volunteers.people.administrators import administrator_views
from volunteers.site.people import views

app_name = "people"
urlpatterns = [
    path("", views.people, name="people"),
    path("sign-up/", views.choose_sign_up, name="sign_up"),
    path("administrators/", administrator_views.administrators_page, name="administrators"),
    open_path("administrators/join/<str:token>/", administrator_views.join_administrators, name="join_administrators"),
    path("administrators/<uuid:person>/remove/", administrator_views.remove_administrator, name="remove_administrator"),
    path("administrators/changes/<uuid:change>/stop/", administrator_views.stop_change, name="stop_change"),
    path("<uuid:person>/", views.person, name="person"),
    path("<uuid:person>/block/", views.block, name="block"),
    path("<uuid:person>/unblock/", views.unblock, name="unblock"),
]
