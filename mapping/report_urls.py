"""Addresses of the zone reports."""

from django.urls import URLPattern

report_urls: list[URLPattern] = []
