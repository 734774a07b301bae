"""Addresses of scheduled reports."""

from django.urls import path

from mapping.out.scheduled_reports import views
from solidarity.lib.http.open_addresses import open_path

schedule_urls = [
    path("schedules/", views.schedules, name="report_schedules"),
    path("schedules/new/", views.new_schedule, name="new_report_schedule"),
    open_path("schedules/stop/<str:token>/", views.stop_report, name="stop_report"),
    path("schedules/<uuid:key>/", views.schedule, name="report_schedule"),
    path("schedules/<uuid:key>/change/", views.change_schedule, name="change_report_schedule"),
    path("schedules/<uuid:key>/step/", views.schedule_step, name="report_schedule_step"),
]
