"""Addresses of the files of the guide."""

from needs.guide.places.exports import views
from solidarity.lib.http.open_addresses import open_path

place_export_urls = [open_path("places/guide.<slug:chosen>", views.guide_file, name="guide_file")]
