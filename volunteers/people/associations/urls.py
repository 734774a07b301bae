"""URLs of members and invitations. The URLs begin with /me/, and none of them contains an e-mail address."""

from django.urls import path

from solidarity.lib.http.open_addresses import open_path
from volunteers.people.associations import profile_views, views

member_urls = [
    path("associations/<slug:association>/", views.members, name="members"),
    path("associations/<slug:association>/profile/", profile_views.edit_profile, name="association_profile"),
    path("associations/<slug:association>/logo.png", profile_views.logo, name="association_logo"),
    path("associations/<slug:association>/invite/", views.invite, name="invite"),
    path("associations/<slug:association>/leave/", views.leave, name="leave_association"),
    path(
        "associations/<slug:association>/invitations/<uuid:invitation>/again/", views.invite_again, name="invite_again"
    ),
    path(
        "associations/<slug:association>/invitations/<uuid:invitation>/revoke/",
        views.revoke_invitation,
        name="revoke_invitation",
    ),
    path("associations/<slug:association>/members/<int:membership>/role/", views.change_role, name="change_role"),
    path("associations/<slug:association>/members/<int:membership>/remove/", views.remove, name="remove_member"),
    open_path("join/<str:token>/", views.join, name="join"),
]
