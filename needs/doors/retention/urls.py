"""URL of the retention page for coordinators."""

from django.urls import path

from needs.doors.retention import views

retention_urls = [path("retention/", views.retention, name="retention")]
