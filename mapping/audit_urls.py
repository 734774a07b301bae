"""Address of the audit log."""

from django.urls import path

from mapping.views import audit

audit_urls = [path("audit/", audit.audit_log, name="audit")]
