"""Addresses of the files of the guide."""

from django.urls import path

from needs.guide.places.exports import views

place_export_urls = [path("places/guide.<slug:chosen>", views.guide_file, name="guide_file")]
