"""URLs of labels and scans."""

from django.urls import path

from needs.neighbours.stock_labels import views

stock_label_urls = [
    path("stock/scan/", views.scan, name="stock_scan"),
    path("stock/<slug:association>/labels/", views.sheet, name="stock_labels"),
    path("stock/<slug:association>/labels/<uuid:stocked>/", views.renew, name="renew_label"),
]
