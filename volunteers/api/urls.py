"""Addresses of what the reader says of themselves."""

from django.urls import path

from volunteers.api import views

urls = [
    path("me/", views.Me.as_view(), name="me"),
    path("profile/", views.OwnProfile.as_view(), name="profile"),
    path("notices/", views.Notices.as_view(), name="notices"),
    path("notices/settings/", views.NoticeSettings.as_view(), name="notice_settings"),
]
