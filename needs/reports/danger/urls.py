"""URLs of the danger lane."""

from django.urls import path

from needs.reports.danger import views

danger_urls = [
    path("desk/alarms/", views.alarm_list, name="alarms"),
    path("desk/alarms/state/", views.alarm_state, name="alarm_state"),
    path("desk/alarms/step/", views.alarm_step, name="alarm_step"),
    path("desk/alarms/<uuid:alarm>/", views.alarm_page, name="alarm"),
]
"""Pages of dispatchers, coordinators and administrators."""
