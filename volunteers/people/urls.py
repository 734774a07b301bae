"""Addresses of the wing people."""

from django.urls import path

from solidarity.lib.http.open_addresses import open_path
from volunteers.people.associations import profile_views
from volunteers.people.associations import views as associations_views
from volunteers.people.availability import views as availability_views
from volunteers.people.notifications import views as notifications_views
from volunteers.people.sign_in import views as sign_in_views
from volunteers.people.tokens import token_views
from volunteers.people.vouching import vouch_views

people_urls = [
    path("", sign_in_views.me, name="me"),
    path("notifications/", notifications_views.notifications, name="notifications"),
    path("notifications/digest/", notifications_views.choose_digest, name="choose_digest"),
    path("notifications/test/", notifications_views.test, name="test_notifications"),
    path("notifications/phone/", notifications_views.ask_phone, name="ask_phone"),
    path("notifications/phone/confirm/", notifications_views.confirm_phone, name="confirm_phone"),
    path("notifications/phone/forget/", notifications_views.forget_phone, name="forget_phone"),
    path("notifications/push/", notifications_views.push_on, name="push_on"),
    path("notifications/push/off/", notifications_views.push_off, name="push_off"),
    open_path("notifications/stop/<str:token>/", notifications_views.stop, name="stop_notifications"),
    path("offer/", availability_views.offer, name="offer"),
    path("tokens/", token_views.token_list, name="tokens"),
    path("tokens/<uuid:token>/revoke/", token_views.revoke, name="revoke_token"),
    path("associations/<slug:association>/", associations_views.members, name="members"),
    path("associations/<slug:association>/profile/", profile_views.edit_profile, name="association_profile"),
    path("associations/<slug:association>/logo.png", profile_views.logo, name="association_logo"),
    path("associations/<slug:association>/invite/", associations_views.invite, name="invite"),
    path("associations/<slug:association>/leave/", associations_views.leave, name="leave_association"),
    path(
        "associations/<slug:association>/invitations/<uuid:invitation>/again/",
        associations_views.invite_again,
        name="invite_again",
    ),
    path(
        "associations/<slug:association>/invitations/<uuid:invitation>/revoke/",
        associations_views.revoke_invitation,
        name="revoke_invitation",
    ),
    path(
        "associations/<slug:association>/members/<int:membership>/role/",
        associations_views.change_role,
        name="change_role",
    ),
    path(
        "associations/<slug:association>/members/<int:membership>/remove/",
        associations_views.remove,
        name="remove_member",
    ),
    open_path("join/<str:token>/", associations_views.join, name="join"),
    path("vouches/", vouch_views.ask, name="ask_vouch"),
    path("vouches/<uuid:vouch>/withdraw/", vouch_views.withdraw, name="withdraw_vouch"),
    path("associations/<slug:association>/vouches/<uuid:vouch>/answer/", vouch_views.answer, name="answer_vouch"),
    path("associations/<slug:association>/vouches/<uuid:vouch>/end/", vouch_views.end, name="end_vouch"),
]
