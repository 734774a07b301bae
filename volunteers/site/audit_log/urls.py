"""URL of the audit log."""

from django.urls import path

from volunteers.site.audit_log import views

audit_urls = [path("audit/", views.audit_log, name="audit")]
