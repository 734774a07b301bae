from django.urls import path

from mapping.views import retention

retention_urls = [path("retention/", retention.retention, name="retention")]
