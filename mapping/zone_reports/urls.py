"""Addresses of the zone reports and of the files made from them."""

from django.urls import path

from mapping.zone_reports import views

report_urls = [
    path("reports/", views.reports, name="reports"),
    path("reports/<uuid:key>/", views.report, name="report"),
    path("reports/<uuid:key>/files/", views.report_file, name="report_file"),
    path("exports/", views.export_rows, name="export_rows"),
    path("exports/<uuid:key>/", views.export, name="export"),
    path("exports/<uuid:key>/again/", views.export_retry, name="export_retry"),
    path("exports/<uuid:key>/file/", views.export_file, name="export_file"),
]
