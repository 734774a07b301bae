"""Addresses of the page on which people say how they want to be told; below /me/."""

from django.urls import path

from volunteers.notifications import views

notice_urls = [
    path("notices/", views.notices, name="notices"),
    path("notices/test/", views.test, name="test_notices"),
    path("notices/phone/", views.ask_phone, name="ask_phone"),
    path("notices/phone/confirm/", views.confirm_phone, name="confirm_phone"),
    path("notices/phone/forget/", views.forget_phone, name="forget_phone"),
    path("notices/push/", views.push_on, name="push_on"),
    path("notices/push/off/", views.push_off, name="push_off"),
    path("notices/stop/<str:token>/", views.stop, name="stop_notices"),
]
