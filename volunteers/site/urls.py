"""Addresses of the wing site."""

from django.urls import path

from volunteers.site.audit_log import views as audit_log_views

site_map_urls = [
    path("audit/", audit_log_views.audit_log, name="audit"),
]
