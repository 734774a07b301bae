"""Addresses of the import of files."""

from django.urls import path

from mapping.out.file_imports import views

import_urls = [
    path("imports/", views.imports, name="file_imports"),
    path("imports/<uuid:key>/", views.file_import, name="file_import"),
    path("imports/<uuid:key>/mapping/", views.import_mapping, name="import_mapping"),
    path("imports/<uuid:key>/saved/", views.import_saved, name="import_saved"),
    path("imports/<uuid:key>/run/", views.import_run, name="import_run"),
    path("imports/<uuid:key>/undo/", views.import_undo, name="import_undo"),
    path("imports/<uuid:key>/discard/", views.import_discard, name="import_discard"),
    path("imports/<uuid:key>/log/", views.import_log, name="import_log"),
]
