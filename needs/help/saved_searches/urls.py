"""URLs of alerts. The URLs never contain an area."""

from django.urls import path

from needs.help.saved_searches import views

alert_urls = [
    path("alerts/", views.alert_list, name="alerts"),
    path("alerts/new/", views.new_alert, name="new_alert"),
    path("alerts/<uuid:search>/", views.alert, name="alert"),
    path("alerts/<uuid:search>/switch/", views.switch, name="switch_alert"),
    path("alerts/<uuid:search>/drop/", views.delete, name="drop_alert"),
]
