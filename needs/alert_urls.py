"""Addresses of alerts. No area ever stands in one."""

from django.urls import path

from needs.views import alerts

alert_urls = [
    path("alerts/", alerts.alert_list, name="alerts"),
    path("alerts/new/", alerts.new_alert, name="new_alert"),
    path("alerts/<uuid:search>/", alerts.alert, name="alert"),
    path("alerts/<uuid:search>/switch/", alerts.switch, name="switch_alert"),
    path("alerts/<uuid:search>/drop/", alerts.drop, name="drop_alert"),
]
