"""Addresses of the zone reports and of the files made from them."""

from django.urls import path

from mapping.views import reports

report_urls = [
    path("reports/", reports.reports, name="reports"),
    path("reports/<uuid:key>/", reports.report, name="report"),
    path("reports/<uuid:key>/files/", reports.report_file, name="report_file"),
    path("exports/", reports.export_rows, name="export_rows"),
    path("exports/<uuid:key>/", reports.export, name="export"),
    path("exports/<uuid:key>/again/", reports.export_retry, name="export_retry"),
    path("exports/<uuid:key>/file/", reports.export_file, name="export_file"),
]
