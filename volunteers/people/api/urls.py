"""URLs of the reader's own data in the API."""

from django.urls import path

from volunteers.people.api import views

urls = [
    path("me/", views.Me.as_view(), name="me"),
    path("profile/", views.OwnProfile.as_view(), name="profile"),
    path("notifications/", views.Notifications.as_view(), name="notifications"),
    path("notifications/settings/", views.NotificationSettings.as_view(), name="notification_settings"),
]
