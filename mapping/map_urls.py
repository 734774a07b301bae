"""Addresses of the map, the zones and their tiles. A territory stands in them by its short name, a place never does."""

from django.urls import URLPattern

map_urls: list[URLPattern] = []
