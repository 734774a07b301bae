"""URLs of the notification settings. They begin with /me/."""

from django.urls import path

from solidarity.lib.http.open_addresses import open_path
from volunteers.people.notifications import views

notification_urls = [
    path("notifications/", views.notifications, name="notifications"),
    path("notifications/digest/", views.choose_digest, name="choose_digest"),
    path("notifications/test/", views.test, name="test_notifications"),
    path("notifications/phone/", views.ask_phone, name="ask_phone"),
    path("notifications/phone/confirm/", views.confirm_phone, name="confirm_phone"),
    path("notifications/phone/forget/", views.forget_phone, name="forget_phone"),
    path("notifications/push/", views.push_on, name="push_on"),
    path("notifications/push/off/", views.push_off, name="push_off"),
    open_path("notifications/stop/<str:token>/", views.stop, name="stop_notifications"),
]
